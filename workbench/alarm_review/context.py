"""Reference annotations around an alarm: beats, their classes, rhythms. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.records import AAMI_LABELS, Recording

SLACK_S = 0.15
"""A reference beat and a found one are the same within this time (EC57's match window)."""


@dataclass(frozen=True)
class VentricularRun:
    """Ventricular beats in a row.

    Attributes:
        start_s: time of the first.
        end_s: time of the last.
        beats: how many.
    """

    start_s: float
    end_s: float
    beats: int

    @property
    def bpm(self) -> float:
        """Mean rate in beats per minute; 0 of a single beat."""
        lasted = self.end_s - self.start_s
        return 60.0 * (self.beats - 1) / lasted if lasted > 0 else 0.0


@dataclass(frozen=True)
class Reference:
    """Annotations of one recording.

    Attributes:
        recording: the recording that they belong to.
    """

    recording: Recording

    @cached_property
    def times(self) -> npt.NDArray[np.float64]:
        """Times of the beats, s, shape (n,)."""
        return np.array([beat.sample for beat in self._beats]) / self.recording.fs

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """WFDB symbols of the beats."""
        return tuple(beat.symbol for beat in self._beats)

    @cached_property
    def _beats(self) -> list[Any]:
        return [beat for beat in self.recording.beats if beat.symbol in AAMI_LABELS]

    def rhythms(self, start_s: float, end_s: float) -> tuple[str, ...]:
        """Return the rhythms that hold at some time of a stretch, in order."""
        fs = self.recording.fs
        first, end = round(start_s * fs), round(end_s * fs)
        later = (mark.aux for mark in self.recording.rhythms_between(first + 1, end))
        return tuple(dict.fromkeys((self.recording.rhythm_at(first), *later)))

    def between(self, start_s: float, end_s: float) -> slice:
        """Return the place of the beats from ``start_s`` to ``end_s``, both included."""
        return slice(
            int(np.searchsorted(self.times, start_s, "left")),
            int(np.searchsorted(self.times, end_s, "right")),
        )

    def longest_silence(self, start_s: float, end_s: float) -> float:
        """Return the longest time without a beat that touches a stretch, s.

        The recording's ends count as beats: nothing is known beyond them.
        """
        ends = np.concatenate(([0.0], self.times, [self.recording.duration_s]))
        touches = (ends[:-1] < end_s) & (ends[1:] > start_s)
        return float(np.diff(ends)[touches].max())

    def rates(self, beats: int, start_s: float, end_s: float) -> npt.NDArray[np.float64]:
        """Return the mean rate, bpm, of each ``beats`` consecutive beats that touch a stretch."""
        if len(self.times) < beats:
            return np.zeros(0)
        first, last = self.times[: len(self.times) - beats + 1], self.times[beats - 1 :]
        touches = (first <= end_s) & (last >= start_s)
        rates: npt.NDArray[np.float64] = 60.0 * (beats - 1) / (last - first)[touches]
        return rates

    def runs(self, symbols: str, start_s: float, end_s: float) -> Iterator[VentricularRun]:
        """Yield the runs of beats with one of ``symbols`` that touch a stretch."""
        first = None
        for i, symbol in enumerate((*self.symbols, "")):
            if symbol and symbol in symbols:
                first = i if first is None else first
            elif first is not None:
                run = VentricularRun(float(self.times[first]), float(self.times[i - 1]), i - first)
                first = None
                if run.start_s <= end_s and run.end_s >= start_s:
                    yield run
