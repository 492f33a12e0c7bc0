"""Scores the analysis on databases."""
