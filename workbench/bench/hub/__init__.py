"""What the hub costs: its own process, by how many beds there are and how many a screen shows."""
