"""What an owner of a partition finds of one that has died."""
