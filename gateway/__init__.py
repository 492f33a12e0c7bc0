"""What others get from the system and send to it."""
