"""Deadlines that do not drift, and statistics of how late they were kept."""

from __future__ import annotations

import asyncio
import math
import time

import numpy as np


class Lateness:
    """Distribution of delays in bounded memory: bins of 0.1 ms up to 10 s."""

    _BIN_S = 1e-4
    _BINS = 100_000

    def __init__(self) -> None:
        self._counts = np.zeros(self._BINS + 1, np.int64)
        self.count = 0
        self.worst_s = 0.0

    def add(self, late_s: float) -> None:
        """Count one delay."""
        self._counts[min(self._BINS, max(0, int(late_s / self._BIN_S)))] += 1
        self.count += 1
        self.worst_s = max(self.worst_s, late_s)

    def percentile_s(self, share: float) -> float:
        """Return the delay that ``share`` (0 .. 1) of all did not exceed, in s; 0 if none."""
        if not self.count:
            return 0.0
        index = int(np.searchsorted(np.cumsum(self._counts), share * self.count))
        return min(self.worst_s, (index + 1) * self._BIN_S)


class Pacer:
    """Turns a device's signal time into wall-clock time.

    Every deadline is ``start + due / speed`` on the monotonic clock. Sleeps are aimed at the
    deadline and never summed up, so that an error of one does not reach the next.

    Args:
        speed: how much faster than real time; infinite: no waiting at all.
        offset_s: wall-clock time after now at which the device is switched on, s.
    """

    def __init__(self, speed: float, offset_s: float = 0.0) -> None:
        self.speed = speed
        self.start = time.monotonic() + offset_s
        self.start_unix = time.time() + offset_s

    @property
    def paced(self) -> bool:
        """Whether there are deadlines at all."""
        return math.isfinite(self.speed)

    def late_s(self, due: float) -> float:
        """Return how far past the deadline of ``due`` it is now, s; negative if before."""
        return time.monotonic() - (self.start + due / self.speed)

    async def wait(self, due: float) -> None:
        """Sleep until the deadline of ``due`` (device seconds)."""
        late = self.late_s(due) if self.paced else 0.0
        # Also when late: others have a turn.
        await asyncio.sleep(max(0.0, -late))
