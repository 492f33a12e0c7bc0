"""Training of the QRS detector's network. Nothing here runs live.

``python -m detector.engine.training.fit ../shared/data`` makes `detector.engine.qrs_weights` anew
(needs the ``train`` extra), ``--check`` tells how it does on records that it has not seen.
"""
