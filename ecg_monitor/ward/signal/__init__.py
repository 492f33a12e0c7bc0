"""The kept signal of a bed: read from Redis, cut into strips, averaged, explained."""
