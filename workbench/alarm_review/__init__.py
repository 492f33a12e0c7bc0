"""Shows whether alarms can be trusted: each high-priority one against the reference annotations.

``context`` gathers what the annotator says around an alarm, ``verdicts`` judges by rules that are
written there, one per kind, ``review`` runs the analyzer over a database and collects, ``strips``
draws, ``page`` and ``tables`` tell.
"""
