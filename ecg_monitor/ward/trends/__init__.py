"""What is kept of a patient for longer than the signal: numbers and beats, minute by minute.

The detector folds its events into minutes of the device's own samples (`fold`) and commits them
with the events; `minute` is what is kept, `kept` reads it back. A minute is known by boot and
number, and its numbers follow from the events alone: to write one twice changes nothing.
"""
