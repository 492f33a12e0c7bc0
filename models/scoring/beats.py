"""One annotator's view of a recording: beats, ventricular flutter, shutdowns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import BeatLabel
from models.scoring.databases import DE_CHAZAL

Segment = tuple[int, int]
"""First and last sample index of a stretch, both included."""

BEAT_LABELS = "NSVFQ"
END_OF_TIME = int(np.iinfo(np.int64).max)

_FLUTTER_ON, _FLUTTER_OFF, _NOISE = "[", "]", "~"
_UNREADABLE = -1  # subtype of a WFDB noise mark: no lead can be read


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """The beats that one annotator found in a recording.

    Attributes:
        samples: sample indices of the R peaks, int64, shape (n_beats,), never descending.
        labels: AAMI classes ``N S V F Q``, one character each, shape (n_beats,).
        flutter: ventricular flutter and fibrillation, ``[`` to ``]`` of WFDB.
        shutdown: stretches that the annotator calls unreadable, or where it was shut down.

    Raises:
        RecordError: the shapes differ, the samples descend, or a label is not an AAMI class.
    """

    samples: npt.NDArray[np.int64]
    labels: npt.NDArray[np.str_]
    flutter: tuple[Segment, ...] = ()
    shutdown: tuple[Segment, ...] = ()

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.shape != self.labels.shape:
            raise RecordError(
                f"beats: samples of shape {self.samples.shape} and labels of shape "
                f"{self.labels.shape}; give one label per beat"
            )
        if self.samples.dtype != np.int64:
            raise RecordError(f"beats.samples: {self.samples.dtype}, but sample indices are int64")
        descents = np.flatnonzero(np.diff(self.samples) < 0)
        if descents.size:
            raise RecordError(f"beats.samples: beat {descents[0] + 1} lies before its predecessor")
        unknown = set(self.labels.tolist()) - set(BEAT_LABELS)
        if unknown:
            raise RecordError(
                f"beats.labels: {', '.join(map(repr, sorted(unknown)))} not among "
                f"{' '.join(BEAT_LABELS)}; map the annotator's symbols first"
            )

    def __len__(self) -> int:
        return int(self.samples.size)

    @classmethod
    def from_labels(cls, samples: Iterable[int], labels: Iterable[str]) -> Beats:
        """Return beats that carry AAMI classes already, such as a detector's.

        Args:
            samples: sample indices, never descending.
            labels: one of ``N S V F Q`` per beat.

        Raises:
            RecordError: see the class.
        """
        return cls(np.array(list(samples), dtype=np.int64), np.array(list(labels), dtype=np.str_))

    @classmethod
    def from_annotations(
        cls,
        samples: Sequence[int] | npt.NDArray[np.int64],
        symbols: Sequence[str],
        subtypes: Sequence[int] | npt.NDArray[np.int64] | None = None,
        labels: Mapping[str, BeatLabel] = DE_CHAZAL,
    ) -> Beats:
        """Return the beats of WFDB annotations, such as the fields of ``wfdb.rdann(...)``.

        Args:
            samples: sample indices of the annotations, in order.
            symbols: their WFDB symbols; those that are no beats in ``labels`` are left out.
            subtypes: their subtypes. A noise mark ``~`` of subtype -1 begins a shutdown, which
                lasts until the next ``~`` of another subtype. Without subtypes: no shutdown.
            labels: WFDB beat symbol -> AAMI class, see `models.scoring.databases`.

        Raises:
            RecordError: see the class; or the lengths differ.
        """
        kinds = [0] * len(symbols) if subtypes is None else [int(kind) for kind in subtypes]
        if not len(samples) == len(symbols) == len(kinds):
            raise RecordError(
                f"annotations: {len(samples)} samples, {len(symbols)} symbols and {len(kinds)} "
                "subtypes; their numbers must agree"
            )
        marks = list(zip(map(int, samples), symbols, kinds, strict=True))
        beats = [(n, labels[symbol]) for n, symbol, _ in marks if symbol in labels]
        found = cls.from_labels((n for n, _ in beats), (label for _, label in beats))
        flutter = _segments(
            (n, symbol == _FLUTTER_ON)
            for n, symbol, _ in marks
            if symbol in (_FLUTTER_ON, _FLUTTER_OFF)
        )
        shutdown = _segments(
            (n, kind == _UNREADABLE) for n, symbol, kind in marks if symbol == _NOISE
        )
        return cls(found.samples, found.labels, flutter, shutdown)


def _segments(switches: Iterable[tuple[int, bool]]) -> tuple[Segment, ...]:
    """Turn (sample, on or off) into stretches; one left on lasts for ever."""
    segments: list[Segment] = []
    start: int | None = None
    for n, on in switches:
        if on and start is None:
            start = n
        elif not on and start is not None:
            segments.append((start, n))
            start = None
    if start is not None:
        segments.append((start, END_OF_TIME))
    return tuple(segments)


def inside(samples: npt.NDArray[np.int64], segments: Iterable[Segment]) -> npt.NDArray[np.bool_]:
    """Tell which samples lie in one of the stretches; shape as ``samples``."""
    found = np.zeros(samples.shape, dtype=np.bool_)
    for first, last in segments:
        found |= (samples >= first) & (samples <= last)
    return found
