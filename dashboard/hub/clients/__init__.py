"""The connected browsers, and which beds each of them is told of."""
