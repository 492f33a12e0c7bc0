"""What ends at a bed: the stay of its patient, and the device itself."""
