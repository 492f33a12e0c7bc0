"""Training of the QRS detector's network. Nothing here runs live.

``ecg-monitor train qrs`` makes `detector.engine.qrs.weights` anew (needs the ``train`` extra). The
model card is MODEL_CARD.md in this folder.
"""
