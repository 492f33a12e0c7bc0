"""What it costs to wait: delay of the alarm of fibrillation against false alarms. Pure but for PNG.

The rule is played once, telling at once (``min_s`` of 0). An alarm that must have lasted longer
comes so much later, or not at all if it is over by then; up to one RR interval later still, which
is left out here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ecg_monitor.core.types import Alarm, Event
from workbench.atrial.intervals import DECIDED_S, KINDS
from workbench.atrial.timing import Span, Timing

WAITS_S = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 120.0)
"""Confirmation times that are compared, s."""

APART_S = 5.0
"""A point of the picture that is nearer to the last one with words has none: they would overlap."""


class UnconfirmedAlarm(NamedTuple):
    """One alarm that was told at once: its onset, when it was raised, when it was cleared, s."""

    onset_s: float
    raised_s: float
    cleared_s: float


def told_alarms(events: Iterable[Event], fs: float, end_s: float) -> list[UnconfirmedAlarm]:
    """Return the alarms of fibrillation and flutter among events, in order of their ends."""
    told: list[UnconfirmedAlarm] = []
    present: dict[str, tuple[float, float]] = {}
    for event in events:
        if not isinstance(event, Alarm) or event.kind not in KINDS:
            continue
        at = event.decided_n / fs
        if event.present:
            present[event.kind] = (event.n / fs, at)
        else:
            told.append(UnconfirmedAlarm(*present.pop(event.kind), at))
    return told + [UnconfirmedAlarm(*since, end_s) for since in present.values()]


def confirmed(told: Iterable[UnconfirmedAlarm], wait_s: float) -> list[Span]:
    """Return from when to when the alarms are there if each must have lasted ``wait_s``."""
    late = [(max(one.raised_s, one.onset_s + wait_s + DECIDED_S), one.cleared_s) for one in told]
    return [(raised, cleared) for raised, cleared in late if raised < cleared]


Played = tuple[list[Span], list[UnconfirmedAlarm], float]
"""Episodes of the reference, alarms told at once, and length of a record, s."""


def curve(databases: Mapping[str, Iterable[Played]]) -> list[dict[str, Any]]:
    """Return the figures of `Timing` by database for each confirmation time of `WAITS_S`."""
    played = {name: list(records) for name, records in databases.items()}
    rows = []
    for wait_s in WAITS_S:
        row: dict[str, Any] = {"wait_s": wait_s}
        for name, records in played.items():
            timing = Timing()
            for reference, told, end_s in records:
                timing.add(reference, confirmed(told, wait_s), end_s)
            row[name] = timing.as_map()
        rows.append(row)
    return rows


def draw(path: Path, rows: list[dict[str, Any]], fibrillating: str, healthy: str) -> None:
    """Write the curve as a picture: a point a confirmation time.

    Args:
        path: PNG file to write.
        rows: of `curve`; those without an onset that was told are left out.
        fibrillating: database whose onsets are timed.
        healthy: database in which every alarm is false.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # of the extra for training

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes: Any = figure.subplots()
    rows = [row for row in rows if row[fibrillating]["onset_median_s"] is not None]
    delays = [row[fibrillating]["onset_median_s"] for row in rows]
    for name, mark in ((healthy, "o-"), (fibrillating, "s--")):
        days = rows[0][name]["hours"] / 24
        axes.plot(delays, [row[name]["false_alarms"] / days for row in rows], mark, label=name)
    days = rows[0][healthy]["hours"] / 24
    named = -math.inf
    for delay, row in zip(delays, rows, strict=True):
        if delay - named < APART_S:
            continue
        named = delay
        at = (delay, row[healthy]["false_alarms"] / days)
        axes.annotate(f"{row['wait_s']:g} s", at, textcoords="offset points", xytext=(4, -12))
    axes.margins(x=0.1)
    axes.set_xlabel("median delay after the onset of fibrillation, s")
    axes.set_ylabel("false alarms per 24 h")
    axes.set_ylim(bottom=0)
    axes.legend(title="confirmation time at the points")
    figure.savefig(path, dpi=110)
