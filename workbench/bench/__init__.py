"""Measures what the system can carry."""
