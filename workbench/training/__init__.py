"""Training of the networks that run live."""
