"""Which findings of twelve leads are present, by what the last windows have shown. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ecg_monitor.ward.signal.diagnosis import Ended

WINDOWS = 3
ENOUGH = 2
"""A finding begins when so many of the last `WINDOWS` show it, and ends when so many do not."""


class Change(NamedTuple):
    """A finding that begins or ends.

    Attributes:
        label: what it is.
        present: whether it begins.
        n: index of the first sample of the first window that showed it.
        ended: why it ends; None: it begins.
    """

    label: str
    present: bool
    n: int
    ended: Ended | None = None


@dataclass(slots=True)
class BedFindings:
    """The findings of one bed.

    Attributes:
        shown: labels found in the last windows that were judged, oldest first.
        starts: index of the first sample of each of these windows.
        unjudged: windows since then that could not be judged.
        present: findings that are present, with the sample index since when.
    """

    shown: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    unjudged: int = 0
    present: dict[str, int] = field(default_factory=dict)

    def judged(self, n: int, decisions: tuple[str, ...]) -> Iterator[Change]:
        """Take what a window shows that begins at sample ``n``; yield what begins and ends."""
        self.unjudged = 0
        self.shown = [*self.shown, list(decisions)][-WINDOWS:]
        self.starts = [*self.starts, n][-WINDOWS:]
        counts: dict[str, int] = {}
        for labels in self.shown:
            for label in labels:
                counts[label] = counts.get(label, 0) + 1
        for label in list(self.present):
            if len(self.shown) - counts.get(label, 0) >= ENOUGH:
                yield Change(label, False, self.present.pop(label), "gone")
        for label in decisions:
            if counts[label] >= ENOUGH and label not in self.present:
                first = next(i for i, labels in enumerate(self.shown) if label in labels)
                self.present[label] = self.starts[first]
                yield Change(label, True, self.starts[first])

    def passed_over(self) -> Iterator[Change]:
        """Take a window that could not be judged; yield what ends since nobody knows any more."""
        self.unjudged += 1
        if self.unjudged >= WINDOWS:
            yield from self.end("unjudged")

    def end(self, why: Ended) -> Iterator[Change]:
        """End all that is present, and forget what was shown."""
        self.shown, self.starts = [], []
        for label in list(self.present):
            yield Change(label, False, self.present.pop(label), why)
