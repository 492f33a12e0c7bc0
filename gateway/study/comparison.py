"""Holds what was found against the annotations that a recording brings with it (EC57). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecg_monitor.records import Recording
from ecg_monitor.records.labels import AAMI_LABELS
from models.scoring.beats import Beats
from models.scoring.counts import Score
from models.scoring.evaluation import LEARNING_S, PACED_SHARE
from models.scoring.matching import compare

_FLUTTER = "(VFL"


def compared(recording: Recording, beats: Sequence[tuple[int, str]]) -> dict[str, Any] | None:
    """Return how the beats that were found agree with those of the recording's own annotations.

    Args:
        recording: with its reference.
        beats: sample of the R peak and AAMI class of each beat that was found.

    Returns:
        ``beats`` (of the reference), ``from_s`` (what lies before is not counted, as EC57 asks, in
        recordings long enough for it), ``qrs``, ``veb`` and ``sveb`` with ``tp``, ``fn``, ``fp``,
        ``se`` and ``ppv``, and ``confusion`` by reference class and class found; ``veb`` and
        ``sveb`` are None where a pacemaker brings the beats. None without a reference.
    """
    marks = [(n, AAMI_LABELS[symbol]) for n, symbol in recording.beats if symbol in AAMI_LABELS]
    if not marks:
        return None
    reference = Beats(
        *_columns(marks),
        flutter=_flutter(recording),
    )
    from_s = LEARNING_S if recording.duration_s > 2 * LEARNING_S else 0.0
    confusion = compare(
        reference,
        Beats(*_columns(beats)),
        recording.fs,
        start_s=from_s,
        duration_s=recording.duration_s,
    )
    paced = sum(label == "Q" for _, label in marks) > PACED_SHARE * len(marks)
    return {
        "beats": len(marks),
        "from_s": from_s,
        "qrs": _told(confusion.qrs),
        "veb": None if paced else _told(confusion.veb),
        "sveb": None if paced else _told(confusion.sveb),
        "confusion": confusion.to_map(),
    }


def _columns(beats: Sequence[tuple[int, str]]) -> tuple[Any, Any]:
    found = Beats.from_labels((n for n, _ in beats), (label for _, label in beats))
    return found.samples, found.labels


def _flutter(recording: Recording) -> tuple[tuple[int, int], ...]:
    """Return where the reference says ventricular flutter: it annotates no beats there."""
    edges = [*recording.rhythms, (recording.n_samples, "")]
    return tuple(
        (mark.sample, int(following[0]))
        for mark, following in zip(recording.rhythms, edges[1:], strict=True)
        if mark.aux.startswith(_FLUTTER)
    )


def _told(score: Score) -> dict[str, float | None]:
    return {
        "tp": score.tp,
        "fn": score.fn,
        "fp": score.fp,
        "se": score.se,
        "ppv": score.ppv,
    }
