"""What the archive is made of: segments as WFDB records, the journal, the index."""
