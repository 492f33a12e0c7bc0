"""A study: everything that can be said of one recording, or one table of beats, that is sent in.

The recording is analysed by the engine that follows patients live; `recording` puts the page of
the dashboard together from it. `tables` scores beats that come one a row.
"""
