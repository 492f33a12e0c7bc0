"""Fits of the rhythm rules' small models."""
