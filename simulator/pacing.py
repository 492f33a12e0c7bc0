"""Deadlines that do not drift, and statistics of how late they were kept.

All devices of a process wait at one list (`Deadlines`), and its event loop gathers what happens
within some milliseconds (`gathering_loop`): a process that is woken for each packet and each
acknowledgement spends more on waking up than on what it does then.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import time
from heapq import heappop, heappush

import numpy as np

GATHER_S = 0.02
"""Least time between two wake-ups for what happens at sockets, s; deadlines are kept."""
STEP_S = 0.01
"""Devices are out of step by multiples of this, s: so packets share wake-ups and are in time. It is
no more than ingest gathers packets for (`ingest.broker.reception`)."""


class GatheringSelector(selectors.DefaultSelector):
    """Waits for what happens at sockets, and lets what happens in a short while come together."""

    def __init__(self, least_s: float = GATHER_S) -> None:
        super().__init__()
        self._least_s = least_s
        self._woke = -math.inf

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait as any selector does, but look at the sockets some time after the last wake-up.

        What is to be done when ``timeout`` is over is not late for that.
        """
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        pause = self._woke + self._least_s - time.monotonic()
        if timeout is not None:
            pause = min(pause, timeout)
        if pause > 0:
            time.sleep(pause)
            timeout = None if timeout is None else timeout - pause
        found = super().select(timeout)
        self._woke = time.monotonic()
        return found


def gathering_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop that wakes up for what has gathered in `GATHER_S`."""
    return asyncio.SelectorEventLoop(GatheringSelector())


class Deadlines:
    """Deadlines that are waited for, of all devices, with one timer.

    Attributes:
        began: when it was made, by the monotonic clock, s.
        began_unix: the same as Unix time, s.
    """

    def __init__(self) -> None:
        self.began, self.began_unix = time.monotonic(), time.time()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def until(self, when: float) -> asyncio.Future[None]:
        """Return what is done at a time of the monotonic clock, s."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heappush(self._waiting, (when, self._count, future))
        if self._timer is None or when < self._timer.when():
            self._set_timer()
        return future

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(self._waiting[0][0], self._ring)

    def _ring(self) -> None:
        self._timer, now = None, time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, _, future = heappop(self._waiting)
            if not future.done():
                future.set_result(None)
        self._set_timer()


class Lateness:
    """Distribution of delays in bounded memory: bins of 0.1 ms up to 10 s."""

    _BIN_S = 1e-4
    _BINS = 100_000

    def __init__(self) -> None:
        self._counts = [0] * (self._BINS + 1)
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
        offset_s: how long after ``deadlines`` began the device is switched on, s.
        deadlines: where it waits, with others; None: by itself, and they begin now.
    """

    def __init__(
        self, speed: float, offset_s: float = 0.0, deadlines: Deadlines | None = None
    ) -> None:
        self.speed = speed
        self._deadlines = deadlines or Deadlines()
        self.start = self._deadlines.began + offset_s
        self.start_unix = self._deadlines.began_unix + offset_s

    @property
    def paced(self) -> bool:
        """Whether there are deadlines at all."""
        return math.isfinite(self.speed)

    def late_s(self, due: float) -> float:
        """Return how far past the deadline of ``due`` it is now, s; negative if before."""
        return time.monotonic() - (self.start + due / self.speed)

    async def wait(self, due: float) -> None:
        """Sleep until the deadline of ``due`` (device seconds)."""
        when = self.start + due / self.speed
        if when > time.monotonic():
            await self._deadlines.until(when)
        else:
            await asyncio.sleep(0)  # others have a turn
