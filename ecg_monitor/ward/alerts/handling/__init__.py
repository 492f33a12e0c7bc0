"""Alerts in Redis: what staff do with them, and how they are asked for."""
