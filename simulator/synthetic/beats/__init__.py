"""The beats of a synthetic patient: rhythms, their shapes and their order."""
