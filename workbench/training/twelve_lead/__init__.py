"""Baselines of twelve leads: what an expert measures, and classical models of it."""
