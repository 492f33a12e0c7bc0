"""The pure streaming engine: samples in, events out; no clock, no I/O, no randomness."""
