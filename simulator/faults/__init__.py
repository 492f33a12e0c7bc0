"""Faults that a simulated device can have, from lost packets to noise."""
