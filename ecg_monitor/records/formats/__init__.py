"""Readers of the file formats of recordings: WFDB, EDF, CSV."""
