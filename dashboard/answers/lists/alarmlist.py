"""The alarms of all beds that the visitor sees in the last hours, for the list of alarms.

``/alarms/list?hours=24``  alarms that were raised or present since then, newest first, each with
                           the id of its bed's care unit, those units, and what the beds are called
                           (``labels``, by device); a GET that answers with
                           JSON (see `dashboard.answers.fetching`), times in Unix s
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query, number
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.alerts.handling.query import Query as AlertQuery
from ecg_monitor.ward.alerts.handling.query import known_since
from ecg_monitor.ward.patients.labels import read_labels
from ecg_monitor.ward.units.sight import VisibleBeds

MOST_HOURS = 168.0
"""A week: what is kept of a busy ward seldom reaches further back."""
SHOWN = (
    "id", "device", "kind", "lead", "priority", "presence", "present", "onset_at", "raised_at",
    "cleared_at", "acked_by", "acked_at", "reason", "reason_text", "reason_by", "reason_at",
    "times", "joined", "left", "late",
)  # fmt: skip
"""Fields of an alarm that the list shows; see `ecg_monitor.ward.alerts.model.Alert`."""


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the address to a server that `dashboard.doors.guard` guards."""

    async def find(store: Store, sight: VisibleBeds, _: str, query: Query) -> dict[str, Any]:
        now = time.time()
        since = now - 3600.0 * number(query, "hours", 1.0, MOST_HOURS, 24.0)
        rows = await Desk(store, settings).find(AlertQuery())
        labels = await read_labels(store, settings.partitions)
        wanted = AlertQuery(since=since)
        return {
            "now": now,
            "since": since,
            "known_since": known_since(rows, settings.partitions, since),
            "alarms": [
                {**{name: row[name] for name in SHOWN}, "unit": _unit(sight, row["device"])}
                for row in rows
                if sight.sees(row["device"]) and wanted.wants(row)
            ],
            "labels": {device: text for device, text in labels.items() if sight.sees(device)},
            "units": [{"id": one.id, "name": one.name} for one in sight.units()],
        }

    GetRoutes(server, store).add_seen("/alarms/list", find)


def _unit(sight: VisibleBeds, device: str) -> str:
    unit = sight.unit_of(device)
    return "" if unit is None else unit.id
