"""State of the running averages: one record per device, one per lead."""

from __future__ import annotations

import numpy as np

AVERAGE_BEFORE = 136
AVERAGE = 352
"""Samples of an average beat (1.4 s), and how many of them lie before the R peak: from the P wave
of a PR interval of 0.4 s to the end of a QT interval of 0.8 s."""
USUAL = 200
"""Samples kept of the average before, against which beats are aligned: up to 64 after R."""

BED = np.dtype(
    [
        ("first", "i8"),  # R peak of the first beat of the average, -1: it is empty
        ("last", "i8"),  # R peak of its last beat
        ("beats", "i4"),  # beats in it
        ("refused", "i4"),  # beats that looked otherwise
        ("rr", "f8"),  # sum of the RR intervals before its beats, samples
        ("rr_beats", "i4"),  # how many those are
        ("knot_peak", "i8"),  # R peak that the leads' knots belong to, -1: none
        ("known", "i4"),  # `usual` of the leads is filled
        ("p_on", "i4"),  # where the P wave lies in `usual`; 0: it has none
        ("p_off", "i4"),
        ("dropped", "f8"),  # likeness of what comes a RR interval after the P wave of the last beat
    ],
    align=True,
)
LEAD = np.dtype(
    [
        ("sum", "f4", (AVERAGE,)),  # of its beats, mV
        ("squares", "f4", (AVERAGE_BEFORE,)),  # likewise, before the R peak
        ("count", "i4"),  # beats of this lead in it
        ("usual", "f4", (USUAL,)),  # the average before, mV
        ("usual_count", "i4"),  # beats in that
        ("knot", "f8"),  # level before the last QRS complex, mV
    ],
    align=True,
)


def fresh_bed() -> np.ndarray:
    """Return the state of a device of which nothing is known, shape (1,)."""
    bed = np.zeros(1, BED)
    for name in ("first", "last", "knot_peak"):
        bed[name] = -1
    return bed
