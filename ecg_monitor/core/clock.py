"""Wall-clock time of a sample, fitted from arrivals: device clocks lie, sample counters do not.

A packet cannot arrive before its last sample was taken, so ``arrival - n1 / fs`` is the device's
start time plus a delay that is never negative. Its running minimum is the best estimate of the
start; the estimate is let rise slowly, so that a device clock that runs slow is followed too.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_DRIFT = 200e-6
"""Seconds per second that the estimate may rise: twice the worst of ordinary quartz (100 ppm)."""


@dataclass(slots=True)
class DeviceClock:
    """Maps sample indices of one boot to Unix time.

    Attributes:
        fs: sampling rate in Hz.
        start: estimated Unix time of sample 0, or None before the first packet.
    """

    fs: float
    start: float | None = None
    _last_arrival: float = 0.0

    def update(self, n1: int, arrival: float) -> float:
        """Take note that samples up to ``n1`` (exclusive) arrived at Unix time ``arrival``.

        Returns:
            How late the last of them was against the fit, s, never negative.
        """
        start = arrival - n1 / self.fs
        if self.start is None:
            self.start = start
        else:
            elapsed = max(0.0, arrival - self._last_arrival)
            self.start = min(start, self.start + elapsed * MAX_DRIFT)
        self._last_arrival = max(arrival, self._last_arrival)
        return start - self.start

    def time_of(self, n: int) -> float | None:
        """Return the Unix time of sample ``n``, or None before the first packet."""
        return None if self.start is None else self.start + n / self.fs
