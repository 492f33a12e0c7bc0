"""Recordings of the past in the archive, found in them what would have been found live."""
