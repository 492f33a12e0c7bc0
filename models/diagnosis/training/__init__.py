"""Training, calibration, scoring and export of the networks of twelve leads."""
