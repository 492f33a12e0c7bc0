"""Beats laid over each other: forms of each class, their mean, and where each beat is. Pure.

A beat joins the form of its class that it resembles most, by the correlation of one lead about
the R peak, or begins one. The forms are those of the interval alone: nothing is kept of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.archive.annotations.folding import ReviewedBeat
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.records.recording import INVALID_SAMPLE, Recording
from ecg_monitor.ward.signal.forms import forms as divided

BEFORE_S = 0.25
AFTER_S = 0.45
POINTS = 70
"""Points of a drawn beat: one every 10 ms."""
MOST_FORMS = 6
"""Forms of one class; what resembles none of them joins the last."""
MOST_DRAWN = 40
"""Beats of a form that are drawn, evenly chosen."""


@dataclass(slots=True)
class Form:
    """Beats that look alike.

    Attributes:
        label: their AAMI class.
        members: places in the list of beats, in order of time.
        mean: mV, shape (POINTS,).
        drawn: some of the beats, mV, shape (n, POINTS).
    """

    label: str
    members: list[int]
    mean: npt.NDArray[np.float64]
    drawn: npt.NDArray[np.float64]


def forms_of(recording: Recording, beats: Sequence[ReviewedBeat], lead: int) -> list[Form]:
    """Return the forms of the beats of an interval, the most frequent of each class first.

    Args:
        recording: the interval.
        beats: its beats; those that were deleted, or lack samples about them, are in no form.
        lead: number of the lead.
    """
    fs, row = recording.fs, recording.samples[lead]
    offsets = np.rint(np.linspace(-BEFORE_S, AFTER_S, POINTS) * fs).astype(np.int64)
    known = [
        i
        for i, beat in enumerate(beats)
        if beat.symbol and beat.sample + offsets[0] >= 0 and beat.sample + offsets[-1] < len(row)
    ]
    if not known:
        return []
    places = np.array([beats[i].sample for i in known])[:, None] + offsets
    values = row[places]
    whole = (values != INVALID_SAMPLE).all(axis=1)
    known = [one for one, good in zip(known, whole, strict=True) if good]
    mv = (values[whole] - recording.baseline[lead]) / recording.gain[lead]
    mv -= np.median(mv, axis=1, keepdims=True)
    found: list[Form] = []
    for label in ("N", "S", "V", "F", "Q"):
        own = np.array(
            [k for k, i in enumerate(known) if AAMI_LABELS[beats[i].symbol] == label], np.int64
        )
        forms = [
            Form(
                label,
                [known[k] for k in some],
                mv[some].mean(axis=0),
                mv[some[np.unique(np.linspace(0, len(some) - 1, MOST_DRAWN).astype(int))]],
            )
            for some in divided(mv, own, MOST_FORMS)
        ]
        found += sorted(forms, key=lambda one: -len(one.members))
    return found
