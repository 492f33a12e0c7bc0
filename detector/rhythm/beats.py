"""The last beats of an unbroken stretch, as the rules see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ecg_monitor.core.checkpoint.fields import Configuration

KEPT = 40
"""Beats kept: the longest rule looks at 30 (``extreme_high_beats``)."""
HIDDEN = "?"
"""Stands for the class of a beat that could not be classified for holes in the signal."""
NO_NORMAL = frozenset(("V", HIDDEN))
"""Classes of beats beside which an interval is not one of the basic rhythm."""
PERHAPS = 0.1
"""Least probability of V with which a beat of another class may have been one of a run, where holes
have changed what its class hangs on. On DS1 a beat is called V from 0.25 on or so, and holes of one
packet in a hundred move the probability of a beat seconds later by up to 0.2 (record 203)."""


class Holes(NamedTuple):
    """What holes in the signal leave unknown of a beat.

    Attributes:
        joined: it is known to be the next one after the beat before it.
        hidden: holes alone kept it from being classified.
        cut: on a lead, holes lie in its QRS complex, whose shape says nothing then.
        perhaps: it was given another class than V, but V is not unlikely (`PERHAPS`).
    """

    joined: bool = True
    hidden: bool = False
    cut: bool = False
    perhaps: bool = False


NO_HOLES = Holes()


class BeatLikeness(NamedTuple):
    """How a beat looks beside this patient's normal beats, over the leads that can be judged.

    Attributes:
        ventricular: probability of V, 0 to 1, on the lead that speaks most for it.
        likeness: correlation of its QRS complex with that of normal beats, -1 to 1, on the lead
            that is least like them.
        repeats: correlation of its QRS complex with that of the beat before, -1 to 1, on the lead
            where they are most alike.
    """

    ventricular: float
    likeness: float
    repeats: float


@dataclass(slots=True)
class Beats:
    """R peaks with labels, newest last.

    Attributes:
        fs: sampling rate, Hz.
        n: sample indices.
        labels: AAMI class of each, or `HIDDEN`.
        joined: whether each is known to be the next beat after the one before it; a hole in the
            signal may hide one between them.
        rr_s: RR interval that ends with the newest, s; None: it is not known (`rr`).
    """

    fs: Configuration[float]
    n: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    joined: list[bool] = field(default_factory=list)
    rr_s: float | None = None

    def add(self, n: int, label: str, *, joined: bool = True) -> None:
        """Take the next beat."""
        self.rr_s = self.until(n, joined=joined)
        self.n.append(n)
        self.labels.append(label)
        self.joined.append(joined)
        if len(self.n) > KEPT:
            del self.n[0], self.labels[0], self.joined[0]

    def clear(self) -> None:
        """Forget all: nothing is measured across a break."""
        self.rr_s = None
        self.n.clear()
        self.labels.clear()
        self.joined.clear()

    def keep_until(self, n: int) -> None:
        """Forget the beats after sample index ``n``: they were none."""
        while self.n and self.n[-1] > n:
            del self.n[-1], self.labels[-1], self.joined[-1]
        self.rr_s = self.rr()

    def keep_newest(self) -> None:
        """Forget all but the newest beat: what lies before it cannot be measured against it."""
        self.rr_s = None
        del self.n[:-1], self.labels[:-1], self.joined[:-1]

    def rr(self, back: int = 1) -> float | None:
        """RR interval in s that ends with the beat ``back`` from the newest (1: the newest).

        None if it is not known: there is no beat before it, or one may be hidden.
        """
        n = self.n
        if len(n) <= back or not self.joined[-back]:
            return None
        return (n[-back] - n[-back - 1]) / self.fs

    def until(self, n: int, *, joined: bool) -> float | None:
        """RR interval in s that a beat at ``n`` would end, None if it is not known.

        Args:
            n: sample index of its R peak.
            joined: no beat can be hidden between it and the newest one.
        """
        return (n - self.n[-1]) / self.fs if joined and self.n else None

    def rate(self, beats: int) -> float | None:
        """Mean rate over the last ``beats`` beats in bpm, None while there are fewer.

        Intervals that may hide a beat do not count; as many earlier ones stand in.
        """
        n = self.n
        first = len(n) - beats
        if beats > 1 and first >= 0 and False not in self.joined[first + 1 :]:  # the usual case
            return 60.0 * self.fs * (beats - 1) / (n[-1] - n[first])
        since = self.since(beats)
        if since is None:
            return None
        total = n[-1] - n[since]
        if False in self.joined[since + 1 :]:
            for i in range(since + 1, len(self.n)):
                if not self.joined[i]:
                    total -= self.n[i] - self.n[i - 1]
        return 60.0 * self.fs * (beats - 1) / total

    def since(self, beats: int) -> int | None:
        """Return the place of the beat with which the intervals of `rate` begin, or None."""
        first = len(self.n) - beats
        if beats > 1 and first >= 0 and False not in self.joined[first + 1 :]:
            return first
        wanted = beats - 1
        for i in range(len(self.n) - 1, 0, -1):
            wanted -= self.joined[i]
            if not wanted:
                return i - 1
        return None

    def normal_rr(self, intervals: int, skip: int = 0) -> list[float]:
        """Return the last RR intervals in s between two beats that are no PVC, newest first.

        Intervals and beats that are not known do not count.

        Args:
            intervals: how many at most.
            skip: leave out so many of the newest intervals.
        """
        found: list[float] = []
        n, labels = self.n, self.labels
        for i in range(len(n) - 1 - skip, 0, -1):
            if self.joined[i] and labels[i] not in NO_NORMAL and labels[i - 1] not in NO_NORMAL:
                found.append((n[i] - n[i - 1]) / self.fs)
                if len(found) == intervals:
                    break
        return found
