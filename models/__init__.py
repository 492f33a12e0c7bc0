"""What networks see, training, EC57 scoring. Never imports the detector."""
