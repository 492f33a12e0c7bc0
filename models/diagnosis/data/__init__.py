"""Data sets of labelled twelve-lead ECGs, read in the forms in which they are given out."""
