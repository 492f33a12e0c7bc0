"""The last beats of an unbroken stretch, as the rules see them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.core.types import BeatLabel

KEPT = 40
"""Beats kept: the longest rule looks at 30 (``extreme_high_beats``)."""


@dataclass(slots=True)
class Beats:
    """R peaks with labels, newest last.

    Attributes:
        fs: sampling rate, Hz.
        n: sample indices.
        labels: AAMI class of each.
    """

    fs: Configuration[float]
    n: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def add(self, n: int, label: BeatLabel) -> None:
        """Take the next beat."""
        self.n.append(n)
        self.labels.append(label)
        del self.n[:-KEPT], self.labels[:-KEPT]

    def clear(self) -> None:
        """Forget all: nothing is measured across a break."""
        self.n.clear()
        self.labels.clear()

    def keep_until(self, n: int) -> None:
        """Forget the beats after sample index ``n``: they were none."""
        while self.n and self.n[-1] > n:
            del self.n[-1], self.labels[-1]

    def keep_newest(self) -> None:
        """Forget all but the newest beat: what lies before it cannot be measured against it."""
        del self.n[:-1], self.labels[:-1]

    def rr(self, back: int = 1) -> float | None:
        """RR interval in s that ends with the beat ``back`` from the newest (1: the newest)."""
        if len(self.n) <= back:
            return None
        return (self.n[-back] - self.n[-back - 1]) / self.fs

    def rate(self, beats: int) -> float | None:
        """Mean rate over the last ``beats`` beats in bpm, None while there are fewer."""
        if len(self.n) < beats:
            return None
        return 60.0 * self.fs * (beats - 1) / (self.n[-1] - self.n[-beats])

    def normal_rr(self, intervals: int, skip: int = 0) -> list[float]:
        """Return the last RR intervals in s between two beats that are no PVC, newest first.

        Args:
            intervals: how many at most.
            skip: leave out so many of the newest intervals.
        """
        found: list[float] = []
        for i in range(len(self.n) - 1 - skip, 0, -1):
            if self.labels[i] != "V" and self.labels[i - 1] != "V":
                found.append((self.n[i] - self.n[i - 1]) / self.fs)
                if len(found) == intervals:
                    break
        return found
