"""Scores bedside alarms that experts called true or false, as the PhysioNet/CinC Challenge 2015.

``kinds`` has the five kinds and which alarms of ours stand for each, ``folder`` reads the list of
alarms, ``scoring`` counts, ``review`` runs the analyzer, ``causes`` sorts the wrong answers by what
the analysis saw, ``table`` and ``page`` show.
"""
