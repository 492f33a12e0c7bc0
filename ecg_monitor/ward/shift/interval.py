"""The interval of a report: what may be asked for. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ecg_monitor.core.errors import RequestError

SHORTEST_S = 60.0
LONGEST_S = 24 * 3600.0
"""A day: longer spans have the trends, and cost every page time."""
USUAL_S = 12 * 3600.0
"""A shift where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A time, half open.

    Attributes:
        since: its first moment, Unix s.
        until: the moment after its last, Unix s; never after now.
    """

    since: float
    until: float

    @property
    def length_s(self) -> float:
        """How long it is, s."""
        return self.until - self.since

    def clip(self, since: float, until: float | None) -> tuple[float, float] | None:
        """Return the part of a span that lies in it; None if none does."""
        first = max(self.since, since)
        last = self.until if until is None else min(self.until, until)
        return (first, last) if last > first else None


def interval_of(since: float | None, until: float | None, now: float) -> Interval:
    """Return the interval that is asked for.

    Args:
        since: Unix s; None: `USUAL_S` before the end.
        until: Unix s; None, or a time to come: now.
        now: Unix s.

    Raises:
        RequestError: it begins after its end or after now, or is too short or too long.
    """
    for name, value in (("from", since), ("to", until)):
        if value is not None and not (math.isfinite(value) and 0 <= value <= 1e11):
            raise RequestError("{name} must be a time in Unix seconds", name=name)
    last = now if until is None else min(until, now)
    first = max(0.0, last - USUAL_S) if since is None else since
    if first > now:
        raise RequestError("the shift begins in the future; choose an earlier beginning")
    if until is not None and first >= until:
        raise RequestError("the shift begins after its end; exchange the two times")
    length = last - first
    if length < SHORTEST_S:
        raise RequestError("the shift must last at least a minute")
    if length > LONGEST_S:
        raise RequestError(
            "the shift must last {most} hours at most; choose a later beginning",
            most=round(LONGEST_S / 3600),
        )
    return Interval(first, last)
