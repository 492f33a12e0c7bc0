"""Training of the autoencoder. Nothing here runs live."""
