"""Partitions over several machines: actors of Ray own them, a supervisor moves them."""
