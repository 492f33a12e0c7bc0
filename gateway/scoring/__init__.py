"""Scores of one beat, or of seconds of signal, that somebody sends: answered at once.

`beats` asks the networks that see a beat alone, `window` the engine that follows patients live.
"""
