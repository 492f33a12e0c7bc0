"""The RR context of a live stream: what `inputs.RR_FIELDS` wants, beat by beat.

The mean of the last 300 s is kept in buckets of 10 s, so that the state stays small; it counts
beats by their place in the signal and so does not depend on how the signal was cut.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from ecg_monitor.core.checkpoint.fields import Derived

BUCKET_S = 10.0
BUCKETS = 30
SHORT = 10
LONGEST_S = 3.0
"""A longer interval is a pause or a gap in detection, and would spoil the means."""


@dataclass(slots=True)
class Intervals:
    """Running RR intervals of one device.

    Attributes:
        recent: the last `SHORT` intervals, s.
        buckets: number of the bucket, sum of its intervals in s, how many; oldest first.
        earlier: of the buckets but the newest: number of the oldest, that of the newest, sum of
            their intervals in s, how many; None: not known.
    """

    recent: deque[float] = field(default_factory=lambda: deque(maxlen=SHORT))
    buckets: deque[list[float]] = field(default_factory=deque)
    earlier: Derived[tuple[float, float, float, float] | None] = None

    def add(self, at_s: float, last: float | None, following: float | None) -> tuple[float, ...]:
        """Take a beat; return its row of `inputs.RR_FIELDS`.

        Args:
            at_s: place of the R peak in the signal, s.
            last: interval to the beat before it, s, or None.
            following: interval to the next beat, s, or None if it is not known yet.
        """
        if last is not None and last <= LONGEST_S:
            self.recent.append(last)
            number = at_s // BUCKET_S
            if not self.buckets or self.buckets[-1][0] != number:
                self.buckets.append([number, 0.0, 0.0])
            self.buckets[-1][1] += last
            self.buckets[-1][2] += 1.0
            while self.buckets[0][0] <= number - BUCKETS:
                self.buckets.popleft()
        return (
            math.nan if last is None else last,
            math.nan if following is None else following,
            sum(self.recent) / len(self.recent) if self.recent else math.nan,
            self._mean(),
        )

    def _mean(self) -> float:
        """Return the mean interval of all buckets, s; nan where there is none."""
        if not self.buckets:
            return math.nan
        newest, oldest = self.buckets[-1], self.buckets[0][0]
        if self.earlier is None or self.earlier[:2] != (oldest, newest[0]):
            # From the oldest on, so that the sum is the one of all buckets to the bit.
            whole = list(self.buckets)[:-1]
            total, count = sum(one[1] for one in whole), sum(one[2] for one in whole)
            self.earlier = oldest, newest[0], total, count
        _, _, total, count = self.earlier
        return (total + newest[1]) / (count + newest[2])
