"""The average beat of each class, on every lead of a recording. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ecg_monitor.records import Recording

BEFORE_S, AFTER_S = 0.3, 0.5
"""What is averaged around an R peak, s: from before the P wave to the end of most T waves."""
MOST_BEATS = 300
"""Beats of a class that are averaged, evenly spread: the median of more looks the same."""
BAND = (10, 90)
"""Percentiles between which the band lies that is drawn around an average."""
_DIGITS = 3


def averages(recording: Recording, beats: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    """Return the median beat of each class, in the order N S V F Q.

    Each beat is brought to its own median first, so that a wandering baseline does not widen the
    band. Beats that reach over the recording's ends, or over a hole, are left out of a lead.

    Args:
        recording: the signal.
        beats: sample of the R peak and AAMI class of each.

    Returns:
        maps of ``label``, ``count`` (beats of the class), ``fs``, ``before_s`` and ``leads``:
        ``name``, ``used`` (beats averaged), ``median``, ``low``, ``high`` in mV.
    """
    before, after = round(BEFORE_S * recording.fs), round(AFTER_S * recording.fs)
    valid = recording.valid()
    found = []
    for label in "NSVFQ":
        peaks = np.array([n for n, one in beats if one == label], np.int64)
        if not len(peaks):
            continue
        inside = peaks[(peaks >= before) & (peaks + after <= recording.n_samples)]
        step = -(-len(inside) // MOST_BEATS) or 1
        index = inside[::step, None] + np.arange(-before, after)
        leads = []
        for row, name in enumerate(recording.leads):
            cut = index[valid[row][index].all(axis=1)]
            if not len(cut):
                continue
            mv = (recording.samples[row][cut] - recording.baseline[row]) / recording.gain[row]
            mv -= np.median(mv, axis=1, keepdims=True)
            low, middle, high = np.percentile(mv, (BAND[0], 50, BAND[1]), axis=0)
            drawn = {"median": middle, "low": low, "high": high}
            leads.append(
                {
                    "name": name,
                    "used": len(cut),
                    **{key: np.round(values, _DIGITS).tolist() for key, values in drawn.items()},
                }
            )
        found.append(
            {
                "label": label,
                "count": len(peaks),
                "fs": recording.fs,
                "before_s": before / recording.fs,
                "leads": leads,
            }
        )
    return found
