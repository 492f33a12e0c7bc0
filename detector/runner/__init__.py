"""The live detector: owns partitions, commits events, alerts and checkpoints."""
