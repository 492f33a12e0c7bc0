"""Definitions of the networks, in torch: imported for training alone."""
