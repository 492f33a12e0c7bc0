"""Judges every high-priority alarm of a database by the reference annotations.

``context`` gathers the annotations around an alarm, ``verdicts`` judges by rules that are written
there, one per kind, ``review`` runs the analyzer over a database and collects, ``strips`` draws,
``page`` and ``tables`` show.
"""
