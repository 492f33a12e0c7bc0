"""What was raised in a shift, how long it lasted, who saw it when, and why it came. Pure.

An alarm belongs to the shift in which it was raised; one that was there already is counted apart.
Rows are `ecg_monitor.ward.alerts.signals.Signal.to_map`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ecg_monitor.core.types import Priority
from ecg_monitor.ward.alerts.policy import RANK
from ecg_monitor.ward.shift.interval import Interval

HOUR_S = 3600.0

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KindCount:
    """Alarms of one kind.

    Attributes:
        kind: kind of alarm.
        priority: the highest that any of them had.
        count: how many were raised.
        acknowledged: how many of them somebody has acknowledged.
        longest_s: the longest of them within the shift, s.
        total_s: the sum of their lengths within the shift, s.
    """

    kind: str
    priority: Priority
    count: int
    acknowledged: int
    longest_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody said of an alarm in words of their own."""

    kind: str
    reason: str
    text: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class AlarmFigures:
    """Alarms of a shift.

    Attributes:
        count: how many were raised in it.
        carried: how many were raised before and still present when it began.
        priorities: how many by priority, the gravest first; their sum is ``count``.
        kinds: by kind, the gravest and most frequent first; their counts sum up to ``count``.
        acknowledged: how many of them were acknowledged in it.
        median_ack_s: the median time from raising to acknowledgement, s; None: there was none.
        slowest_ack_s: the longest such time, s.
        reasons: how many by the reason that was given; ``""``: in words alone.
        words: what was said in words, oldest first.
        hours: how many by the hour of the shift, the first first; their sum is ``count``.
    """

    count: int
    carried: int
    priorities: Mapping[str, int]
    kinds: tuple[KindCount, ...]
    acknowledged: int
    median_ack_s: float | None
    slowest_ack_s: float | None
    reasons: Mapping[str, int]
    words: tuple[Words, ...]
    hours: tuple[int, ...]


def alarm_figures(rows: Iterable[Row], interval: Interval) -> AlarmFigures:
    """Return the figures of some alarms.

    Args:
        rows: alarms, in any order; those of other times are left out.
        interval: the shift.
    """
    known = sorted(rows, key=lambda row: (row["raised_at"], row["id"]))
    raised = [row for row in known if interval.since <= row["raised_at"] < interval.until]
    before = [
        row
        for row in known
        if row["raised_at"] < interval.since
        and (row["cleared_at"] or interval.until) > interval.since
    ]
    waits = [row["acked_at"] - row["raised_at"] for row in raised if _is_acked(row, interval)]
    given = [row for row in raised if row["reason"] is not None]
    return AlarmFigures(
        len(raised),
        len(before),
        {name: sum(row["priority"] == name for row in raised) for name in _priorities()},
        _kinds(raised, interval),
        len(waits),
        round(median(waits), 1) if waits else None,
        round(max(waits), 1) if waits else None,
        dict(sorted(Counter(row["reason"] for row in given).items())),
        tuple(
            Words(
                row["kind"], row["reason"], row["reason_text"], row["reason_by"], row["reason_at"]
            )
            for row in given
            if row["reason_text"]
        ),
        _hours(raised, interval),
    )


def longest_s(rows: Iterable[Row], kinds: Iterable[str], interval: Interval) -> float | None:
    """Return the longest time for which one of some conditions lasted in the shift, s.

    Args:
        rows: alarms, also those that were raised before.
        kinds: the conditions.
        interval: the shift.

    Returns:
        None if none was there.
    """
    wanted = frozenset(kinds)
    lengths = [_length_s(row, interval) for row in rows if row["kind"] in wanted]
    return max((one for one in lengths if one > 0), default=None)


def hour_count(interval: Interval) -> int:
    """Return how many hours the shift has; the last one may be cut short."""
    return max(1, -int(-interval.length_s // HOUR_S))


def hour_of(at: float, interval: Interval) -> int:
    """Return the hour of the shift in which a moment of it lies, from 0."""
    return min(hour_count(interval) - 1, int((at - interval.since) // HOUR_S))


def _priorities() -> list[Priority]:
    return sorted(RANK, key=lambda name: -RANK[name])


def _is_acked(row: Row, interval: Interval) -> bool:
    return row["acked_at"] is not None and row["acked_at"] < interval.until


def _length_s(row: Row, interval: Interval) -> float:
    began = row["onset_at"] or row["raised_at"]
    part = interval.clip(began, row["cleared_at"])
    return 0.0 if part is None else part[1] - part[0]


def _kinds(rows: Sequence[Row], interval: Interval) -> tuple[KindCount, ...]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["kind"], []).append(row)
    found = []
    for kind, group in groups.items():
        lengths = [_length_s(row, interval) for row in group]
        top = max((row["priority"] for row in group), key=lambda name: RANK[name])
        acked = sum(_is_acked(row, interval) for row in group)
        found.append(
            KindCount(kind, top, len(group), acked, round(max(lengths), 1), round(sum(lengths), 1))
        )
    return tuple(sorted(found, key=lambda one: (-RANK[one.priority], -one.count, one.kind)))


def _hours(rows: Iterable[Row], interval: Interval) -> tuple[int, ...]:
    counts = [0] * hour_count(interval)
    for row in rows:
        counts[hour_of(row["raised_at"], interval)] += 1
    return tuple(counts)
