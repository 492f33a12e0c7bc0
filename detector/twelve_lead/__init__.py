"""Twelve-lead ECGs: which findings a recording shows, by the networks of `models.diagnosis`."""
