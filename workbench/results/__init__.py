"""Figures that documents quote: how they are kept, renewed and written into the documents."""
