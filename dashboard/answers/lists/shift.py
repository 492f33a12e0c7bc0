"""The report of a shift, for its page.

``/shift/report?unit=ID&from=T&to=T``  what happened at the beds of a care unit that the visitor
                                       sees (see `ecg_monitor.ward.shift`), Unix s; without
                                       ``unit`` at all beds, with ``unit=-`` at those of none;
                                       ``hours=12`` in place of ``from``: the last ones, by the
                                       clock of this machine

A GET that answers with JSON (see `dashboard.answers.fetching`), 404 where the unit is gone or of
others. A patient who came from a bed of another unit brings their past along, as on the page of
the bed.
"""

from __future__ import annotations

import time

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query, number
from dashboard.answers.patients import rules
from dashboard.answers.posting import Fields
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.limits.file import load_limits
from ecg_monitor.ward.patients.labels import read_labels
from ecg_monitor.ward.shift.interval import interval_of
from ecg_monitor.ward.shift.reading import read_shift
from ecg_monitor.ward.units.sight import VisibleBeds

NO_UNIT = "-"
"""In place of a unit's id: the beds of none. As in ``assets/units/selection.js``."""
LAST = 1e11
"""Latest Unix time that is one, s."""


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the address to a server that `dashboard.doors.guard` guards."""

    async def report(store: Store, sight: VisibleBeds, _: str, query: Query) -> Fields | None:
        now = time.time()
        since, until = (
            number(query, name, 0, LAST) if query.get(name) else None for name in ("from", "to")
        )
        if query.get("hours"):
            since = now - 3600.0 * number(query, "hours", 1, 24)
        interval = interval_of(since, until, now)
        asked = query.get("unit", "")
        if asked not in ("", NO_UNIT) and not sight.may_enter(asked):
            return None
        labels = await read_labels(store, settings.partitions)
        devices = [one for one in labels if sight.sees(one) and _is_of(sight, one, asked)]
        found = await read_shift(store, settings, devices, interval, now)
        return {
            **found,
            "unit": asked,
            "labels": labels_seen(labels, found, devices),
            "units": [{"id": one.id, "name": one.name} for one in sight.units()],
            "rules": rules(load_limits(settings.config)),
        }

    GetRoutes(server, store).add_seen("/shift/report", report)


def labels_seen(labels: dict[str, str], found: Fields, devices: list[str]) -> dict[str, str]:
    """Return what the beds of a report are called, those included where its patients have been."""
    legs = {leg["device"] for row in found["rows"] for leg in row["stretch"]["legs"]}
    return {one: labels.get(one, one) for one in sorted(legs | set(devices))}


def _is_of(sight: VisibleBeds, device: str, asked: str) -> bool:
    unit = sight.book.beds.get(device, "")
    return asked == "" or unit == ("" if asked == NO_UNIT else asked)
