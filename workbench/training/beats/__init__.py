"""Training of the beat classifier on what the live engine makes of recordings."""
