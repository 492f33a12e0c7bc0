"""Beds as databases: what the archive keeps of them, scored against their reviewers."""
