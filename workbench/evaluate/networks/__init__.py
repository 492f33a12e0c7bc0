"""Scores networks of the zoo on the test part of their data."""
