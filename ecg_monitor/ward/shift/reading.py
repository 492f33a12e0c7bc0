"""Reads what the report of a shift is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.remote.streams import read_range
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.alerts.handling.query import Query, known_since
from ecg_monitor.ward.alerts.standby import MAX_STANDBY_S
from ecg_monitor.ward.alerts.trail import Entry as AlertEntry
from ecg_monitor.ward.alerts.trail import from_fields
from ecg_monitor.ward.patients.actions import read_beds, read_trail
from ecg_monitor.ward.patients.model import Bed
from ecg_monitor.ward.patients.trail import Entry
from ecg_monitor.ward.shift.heart import Extreme
from ecg_monitor.ward.shift.interval import Interval
from ecg_monitor.ward.shift.record import standbys
from ecg_monitor.ward.shift.report import ShiftData, unit_shift
from ecg_monitor.ward.shift.stretches import Stretch, stretches
from ecg_monitor.ward.trends.kept import TimedMinute, read_longest_rr, read_trend

_STANDBY = b'"standby":'
"""What entries about standbys hold, and hardly any others: they are not decoded for nothing."""


async def read_shift(
    store: Store,
    settings: Settings,
    devices: Iterable[str],
    interval: Interval,
    now: float,
    sees: Callable[[str], bool] = lambda _: True,
) -> dict[str, Any]:
    """Return the report of some beds as a JSON-ready map.

    Args:
        store: client.
        settings: number of partitions, configuration file, how long things are kept.
        devices: the beds.
        interval: the shift.
        now: Unix time, s.
        sees: whether the past that a patient brings from a bed may be told; of ``devices`` it may.

    Returns:
        ``since``, ``until``, ``now``; ``alarms_since``, ``trends_since``: from when on alarms and
        minutes are still kept (Unix s), null: in all of the shift; and the fields of
        `ecg_monitor.ward.shift.report.UnitShift`.

    Raises:
        EcgMonitorError: what is kept is malformed.
        StoreError: Redis does not answer.
    """
    own = sorted(set(devices))
    entries, beds = await _read_beds(store, settings, interval)
    found = [
        replace(one, legs=tuple(leg for leg in one.legs if leg.device in own or sees(leg.device)))
        for one in stretches(entries, beds, own, interval)
    ]
    rows = await Desk(store, settings, lambda: now).find(Query())
    minutes: list[list[TimedMinute]] = []
    longest: list[Extreme | None] = []
    for stretch in found:
        minutes.append(await _minutes(store, settings, stretch))
        longest.append(await _longest_rr(store, settings, stretch, now))
    away = standbys(await _standby_entries(store, settings, interval), interval, now)
    kept = ShiftData(rows, minutes, longest, entries, away)
    report = await asyncio.to_thread(lambda: asdict(unit_shift(found, kept, own, interval)))
    return {
        "since": interval.since,
        "until": interval.until,
        "now": now,
        "alarms_since": _later(
            known_since(rows, settings.partitions, interval.since),
            now - settings.alert_retention_s,
            interval,
        ),
        "trends_since": _later(None, now - settings.trend_retention_s, interval),
        **report,
    }


async def _read_beds(
    store: Store, settings: Settings, interval: Interval
) -> tuple[list[Entry], dict[str, Bed]]:
    """Return the trails of all beds since the shift began, and their states after it."""
    entries: list[Entry] = []
    beds: dict[str, Bed] = {}
    for partition in range(settings.partitions):
        # First the states: who comes after them is told by an entry.
        beds |= await read_beds(store, partition)
        entries += await read_trail(store, partition, since_ms=int(1000 * interval.since))
    return sorted(entries, key=lambda entry: entry.at), beds


async def _minutes(store: Store, settings: Settings, stretch: Stretch) -> list[TimedMinute]:
    found: list[TimedMinute] = []
    for leg in stretch.legs:
        partition = keys.partition_of(leg.device, settings.partitions)
        minutes = await read_trend(store, partition, leg.device, leg.since, leg.until)
        found += [one for one in minutes if leg.since <= one.at < leg.until]
    return found


async def _longest_rr(
    store: Store, settings: Settings, stretch: Stretch, now: float
) -> Extreme | None:
    """Return the longest RR interval of a stretch; None also where its beats are kept no more."""
    if stretch.legs[0].since < now - settings.event_retention_s:
        return None
    found = [
        await read_longest_rr(
            *(store, keys.partition_of(leg.device, settings.partitions), leg.device),
            *(leg.since, leg.until),
        )
        for leg in stretch.legs
    ]
    return max((Extreme(*one) for one in found if one is not None), default=None)


async def _standby_entries(
    store: Store, settings: Settings, interval: Interval
) -> Sequence[AlertEntry]:
    """Return the entries about standbys that bear on the shift: one of them may begin before it."""
    since_ms = max(0, int(1000 * (interval.since - MAX_STANDBY_S)))
    return [
        from_fields({b"e": fields[b"e"]})
        for partition in range(settings.partitions)
        async for _, fields in read_range(store, keys.alertlog(partition), f"{since_ms}-0")
        if _STANDBY in fields.get(b"e", b"") and "standby" in orjson.loads(fields[b"e"])
    ]


def _later(known: float | None, kept: float, interval: Interval) -> float | None:
    """Return from when on something is kept, if that is later than the beginning of the shift."""
    latest = max(interval.since, kept, interval.since if known is None else known)
    return latest if latest > interval.since else None
