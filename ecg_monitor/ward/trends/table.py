"""Minutes as the columns of a graph: rates per hour, fewer points for long spans, gaps. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from statistics import median
from typing import Any

from ecg_monitor.ward.trends.kept import TimedMinute
from ecg_monitor.ward.trends.minute import LABELS, MINUTE_S, QUALITIES

POINTS = 1440
"""Most points of a column: one per two pixels of a wide screen."""
HOUR_S = 3600.0
LEAST_MONITORED_S = 120
"""Less than this in the last hour is too little to tell how many beats there are in one."""

Rows = list[TimedMinute]
Column = list[Any]


def columns(minutes: Sequence[TimedMinute], since: float, points: int = POINTS) -> dict[str, Any]:
    """Return the columns of the minutes that began at ``since`` or later.

    Args:
        minutes: in order of time; those of the hour before ``since`` count into its first rates.
        since: Unix time, s.
        points: most points per column, gaps not counted.

    Returns:
        ``at`` (Unix s, the middle of what a point stands for), and as long as it: ``hr``,
        ``hr_low``, ``hr_high`` (bpm), ``pvc_h``, ``sve_h`` (in the hour before, per hour of
        monitoring), ``anomaly``, ``anomaly_high`` (0 .. 1), ``good``, ``af`` (percent of the
        monitored time), ``pr_ms``, ``qrs_ms``, ``qt_ms``, ``qtc_ms``, and ``st``: such a column
        (mV) by lead. A value that is not known is None; a row of them stands for every gap.
    """
    hourly = {name: _per_hour(minutes, LABELS.index(label)) for name, label in _HOURLY.items()}
    shown = [i for i, row in enumerate(minutes) if row.at >= since]
    groups = _groups([minutes[i].at for i in shown], points)
    leads = sorted({lead for i in shown for lead in minutes[i].minute.st_mv})
    table: dict[str, Any] = {"at": [], **{name: [] for name in (*_HOURLY, *_NUMBERS)}}
    st: dict[str, Column] = {lead: [] for lead in leads}
    for group in groups:
        chosen = [shown[j] for j in group]
        rows = [minutes[i] for i in chosen]
        table["at"].append(_middle(rows))
        for name in _HOURLY:
            table[name].append(hourly[name][chosen[-1]] if rows else None)
        for name, number in _NUMBERS.items():
            table[name].append(number(rows) if rows else None)
        for lead in leads:
            st[lead].append(_median(row.minute.st_mv.get(lead) for row in rows))
    _place_gaps(table["at"])
    return {**table, "st": st}


_HOURLY = {"pvc_h": "V", "sve_h": "S"}


def af_burden(minutes: Sequence[TimedMinute], since: float) -> dict[str, float | None]:
    """Return how much of a stretch until now was atrial fibrillation.

    The burden is the part of the monitored time (Chen et al., Circulation 137:e623-e644, 2018,
    doi:10.1161/CIR.0000000000000568); here that in which the alarm of fibrillation was present.

    Args:
        minutes: in any order.
        since: Unix time at which the stretch begins, s; minutes that began before do not count.

    Returns:
        ``percent`` of the monitored time, None if there is none, and ``monitored_s``.
    """
    rows = [row for row in minutes if row.at >= since]
    monitored = sum(row.minute.monitored_s for row in rows)
    return {"percent": _share(rows, lambda row: row.minute.af_s), "monitored_s": monitored}


def _share(rows: Rows, part: Callable[[TimedMinute], int]) -> float | None:
    monitored = sum(row.minute.monitored_s for row in rows)
    return round(100 * sum(part(row) for row in rows) / monitored, 1) if monitored else None


def _rates(rows: Rows, place: int) -> list[float]:
    return [row.minute.heart_rate[place] for row in rows if row.minute.heart_rate is not None]


def _scores(rows: Rows, place: int) -> list[float]:
    return [row.minute.anomaly[place] for row in rows if row.minute.anomaly is not None]


_NUMBERS: dict[str, Callable[[Rows], float | None]] = {
    "hr": lambda rows: _median(_rates(rows, 0)),
    "hr_low": lambda rows: min(_rates(rows, 1), default=None),
    "hr_high": lambda rows: max(_rates(rows, 2), default=None),
    "anomaly": lambda rows: _median(_scores(rows, 0)),
    "anomaly_high": lambda rows: max(_scores(rows, 1), default=None),
    "good": lambda rows: _share(rows, lambda row: row.minute.quality[QUALITIES.index("good")]),
    "af": lambda rows: _share(rows, lambda row: row.minute.af_s),
    "pr_ms": lambda rows: _median(row.minute.pr_ms for row in rows),
    "qrs_ms": lambda rows: _median(row.minute.qrs_ms for row in rows),
    "qt_ms": lambda rows: _median(row.minute.qt_ms for row in rows),
    "qtc_ms": lambda rows: _median(row.minute.qtc_ms for row in rows),
}


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(median(known)), 3) if known else None


def _middle(rows: Rows) -> float | None:
    return round((rows[0].at + rows[-1].at + MINUTE_S) / 2, 1) if rows else None


def _per_hour(minutes: Sequence[TimedMinute], label: int) -> list[float | None]:
    """Beats of a class in the hour that ends with each minute, per hour of monitoring."""
    at = [row.at for row in minutes]
    beats = [0, *accumulate(row.minute.counts[label] for row in minutes)]
    seconds = [0, *accumulate(row.minute.monitored_s for row in minutes)]
    rates: list[float | None] = []
    for i, time in enumerate(at):
        first = bisect_right(at, time - HOUR_S)
        monitored = seconds[i + 1] - seconds[first]
        enough = monitored >= LEAST_MONITORED_S
        count = beats[i + 1] - beats[first]
        rates.append(round(count * HOUR_S / monitored, 1) if enough else None)
    return rates


def _groups(at: Sequence[float], points: int) -> Iterator[list[int]]:
    """Yield the minutes that share a point; an empty group stands for a gap."""
    each = 1 if len(at) <= points else -(-len(at) // points)
    group: list[int] = []
    for i, time in enumerate(at):
        gap = bool(i) and time - at[i - 1] > 1.5 * MINUTE_S
        if group and (gap or len(group) == each):
            yield group
            group = []
        if gap:
            yield []
        group.append(i)
    if group:
        yield group


def _place_gaps(at: list[Any]) -> None:
    """Put the rows that stand for gaps between their neighbours."""
    for i, time in enumerate(at):
        if time is None:
            at[i] = (at[i - 1] + at[i + 1]) / 2
