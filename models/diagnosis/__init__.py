"""Twelve leads: which abnormalities a resting ECG shows, by networks and by baselines.

Research software: what comes out is a probability, and no diagnosis.
"""
