"""How much of the time a rhythm was there: atrial fibrillation burden.

The burden is the part of the monitored time that a patient spends in atrial fibrillation (Chen et
al., Circulation 137:e623-e644, 2018, doi:10.1161/CIR.0000000000000568). Time in which there was no
signal is not monitored.
"""

from __future__ import annotations

from collections.abc import Iterable

from ecg_monitor.types import Alarm, Episode, Event

Span = tuple[int, int]


def burden(events: Iterable[Event], start_n: int, end_n: int, *, kind: str = "af") -> float | None:
    """Return the part of a stretch that a rhythm takes.

    Args:
        events: of one device and boot, in their order, from before ``start_n`` on if there are
            any; others than episodes and alarms do not matter.
        start_n: first sample index of the stretch: a day ago, say, or 0.
        end_n: one past the last sample index that has been analysed.
        kind: of the rhythm, as its episodes and alarms have it.

    Returns:
        0 .. 1; None when nothing was monitored.
    """
    within: list[Span] = []
    gaps: list[Span] = []
    since: int | None = None
    for event in events:
        if isinstance(event, Alarm) and event.kind == kind:
            since = event.n if event.present else None
        elif isinstance(event, Episode) and event.kind == kind:
            within.append((event.n, event.end_n))
        elif isinstance(event, Episode) and event.kind == "gap":
            gaps.append((event.n, event.end_n))
    if since is not None:  # goes on: it has no episode yet
        within.append((since, end_n))
    monitored = (end_n - start_n) - _covered(gaps, start_n, end_n)
    return _covered(within, start_n, end_n) / monitored if monitored > 0 else None


def _covered(spans: Iterable[Span], start_n: int, end_n: int) -> int:
    """Return how many samples of a stretch lie in any of the spans."""
    total, reached = 0, start_n
    for first, end in sorted(spans):
        total += max(0, min(end, end_n) - max(first, reached))
        reached = max(reached, min(end, end_n))
    return total
