"""How often somebody may ask: a bucket of permits for each, filled at a steady rate. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """How often.

    Attributes:
        per_s: permits that come in each second.
        burst: permits that a full bucket holds.
    """

    per_s: float
    burst: float


class Buckets:
    """A bucket for each of many names; those longest unused are forgotten first.

    Args:
        rate: how fast each is filled, and what it holds.
        most: buckets that are kept. A forgotten one is full again.
    """

    def __init__(self, rate: Rate, most: int = 10_000) -> None:
        self._rate = rate
        self._most = most
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, now: float) -> float:
        """Take a permit; return 0, or how long to wait for the next one, s.

        Args:
            name: whose.
            now: any clock that never goes back, s.
        """
        permits, at = self._held.pop(name, (self._rate.burst, now))
        permits = min(self._rate.burst, permits + self._rate.per_s * (now - at))
        wait = 0.0 if permits >= 1.0 else (1.0 - permits) / self._rate.per_s
        self._held[name] = (permits if wait else permits - 1.0, now)
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return wait
