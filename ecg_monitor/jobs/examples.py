"""Names of the examples that a study can be made of; a worker makes them (`gateway.study`)."""

EXAMPLES = ("ectopy", "fibrillation", "twelve")
"""Runs of ventricular beats, atrial fibrillation, and twelve leads with a bundle branch block."""
