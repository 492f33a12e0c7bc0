"""What the wire format is made of: the ranges of its numbers, and the CBOR that it takes."""
