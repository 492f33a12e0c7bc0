"""Overviews of what was recorded: when there is something, and an hour drawn small."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecg_monitor.archive.kept.index import Index, onset_of
from ecg_monitor.archive.reading import Interval, journaled
from ecg_monitor.core.types import Priority
from ecg_monitor.records.recording import INVALID_SAMPLE

MOST_ALARMS = 5000
"""Newest alarms told of a time: weeks of them."""


class AlarmTime(NamedTuple):
    """An alarm by the clock: kind, priority, onset and end, Unix s; None: it goes on; its id."""

    kind: str
    priority: Priority
    at: float
    until: float | None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is of a device within a time.

    Attributes:
        spans: stretches of time that hold samples, Unix s, in order.
        alarms: alarms in them, in order of onset.
    """

    spans: tuple[tuple[float, float], ...]
    alarms: tuple[AlarmTime, ...]


def overview(root: Path, device: str, since: float, until: float) -> Overview:
    """Return when there is something of a device, and its alarms.

    Args:
        root: folder of the archive.
        device: device id.
        since: Unix time, s.
        until: Unix time, s.

    Raises:
        ArchiveError: there is no archive, or it cannot be read.
    """
    index = Index.open(root)
    try:
        gathered = journaled(root, device, index)  # first: see `read_interval`
        times = [(row.start, row.end) for row in index.segments(device, since, until)]
        facts = {one.id: one for one in index.alarms(device, since, until)}
    finally:
        index.close()
    times += [(one.start, one.end) for one in gathered.segments().get(device, [])]
    for alarm in gathered.alarms.values():
        if alarm.device == device:
            known = facts.get(alarm.id)
            facts[alarm.id] = alarm if known is None else known.join(alarm)
    alarms = [
        AlarmTime(one.kind, one.priority, onset_of(one), one.cleared_at, one.id)
        for one in facts.values()
        if since <= onset_of(one) < until
    ]
    return Overview(
        tuple(_joined(times, since, until)),
        tuple(sorted(alarms, key=lambda one: one.at)[-MOST_ALARMS:]),
    )


def envelope(interval: Interval, lead: int, columns: int) -> npt.NDArray[np.float64]:
    """Return the lowest and the highest voltage of a lead in each column of a drawing.

    Args:
        interval: what is drawn.
        lead: number of the lead.
        columns: how many columns the interval is divided into.

    Returns:
        mV, shape (columns, 2); NaN where there is no sample.
    """
    recording = interval.recording
    row = recording.samples[lead]
    edges = np.linspace(0, len(row), columns + 1).astype(int)[:-1]
    valid = row != INVALID_SAMPLE
    low = np.minimum.reduceat(np.where(valid, row, np.int16(32767)), edges)
    high = np.maximum.reduceat(np.where(valid, row, np.int16(-32768)), edges)
    found = np.stack([low, high], axis=1).astype(np.float64)
    found[low > high] = np.nan
    scaled: npt.NDArray[Any] = (found - recording.baseline[lead]) / recording.gain[lead]
    return scaled


def _joined(
    times: list[tuple[float, float]], since: float, until: float
) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for start, end in sorted(times):
        start, end = max(start, since), min(end, until)  # noqa: PLW2901 - cut to what is asked
        if start >= end:
            continue
        if found and start <= found[-1][1] + 1.0:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
