"""Counts and latencies of one ingest process over the last minute, for the system page."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class _Batch:
    clock: float
    accepted: int
    refused: int
    write_s: float
    delay_s: float


class Figures:
    """Collects figures of batches; pure, the caller brings the clock."""

    def __init__(self, clock: float) -> None:
        self._began = clock
        self._batches: deque[_Batch] = deque()

    def add(
        self, clock: float, *, accepted: int, refused: int, write_s: float, delay_s: float
    ) -> None:
        """Add one batch.

        Args:
            clock: monotonic time now, s.
            accepted: packets written.
            refused: packets refused.
            write_s: time that Redis took, s.
            delay_s: time from the arrival of the batch's first message until Redis had it, s.
        """
        self._batches.append(_Batch(clock, accepted, refused, write_s, delay_s))

    def summary(self, clock: float) -> dict[str, float]:
        """Return the figures of the last minute, times in ms, rates per second."""
        while self._batches and self._batches[0].clock < clock - WINDOW_S:
            self._batches.popleft()
        span = max(1.0, min(WINDOW_S, clock - self._began))
        accepted = sum(batch.accepted for batch in self._batches)
        refused = sum(batch.refused for batch in self._batches)
        batches = len(self._batches)
        return {
            "accepted_per_s": round(accepted / span, 2),
            "refused_per_s": round(refused / span, 2),
            "batch_mean": round((accepted + refused) / batches, 2) if batches else 0.0,
            "write_ms_p99": _p99_ms([batch.write_s for batch in self._batches]),
            "delay_ms_p99": _p99_ms([batch.delay_s for batch in self._batches]),
        }


def _p99_ms(values: list[float]) -> float:
    """Return the 99th percentile (nearest rank) of seconds, in ms; 0 if there are none."""
    if not values:
        return 0.0
    return round(1000 * sorted(values)[math.ceil(0.99 * len(values)) - 1], 3)
