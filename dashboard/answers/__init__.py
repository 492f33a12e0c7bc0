"""What pages post and fetch."""
