"""Recordings and recorded stretches of beds as files of other formats: one writer a format."""
