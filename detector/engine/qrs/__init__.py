"""Finds R peaks: features of candidates, and a small network that scores them."""
