"""Training of the beat classifier. Nothing here runs live."""
