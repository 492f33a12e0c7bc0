"""What is recorded of each bed that the visitor sees, and how long it stays.

``GET /recorded``  ``{"recordings": [{"device", "label", "unit", "start", "end", "bytes", "days",
                   "gb"}], "now", "unknown"}``: times are Unix seconds; ``label`` is what the bed
                   is called now; ``unit`` is the name of the care unit, or empty; ``unknown`` are
                   names of the setting that are those of no unit
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.patients.labels import read_labels
from ecg_monitor.ward.units.sight import VisibleBeds

Fields = dict[str, Any]


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the address to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: what is set of care units is malformed.
    """
    from ecg_monitor.archive.kept.terms import TermsOfUnits  # noqa: PLC0415 - as below

    terms = TermsOfUnits.of(settings)

    async def listed(store: Store, sight: VisibleBeds, device: str, query: Query) -> Fields:  # noqa: ARG001
        found = await asyncio.to_thread(_recordings, settings)
        by_device = {one.device: one for one in found if sight.sees(one.device)}
        labels = await read_labels(store, settings.partitions)
        rows = [
            {
                "device": device,
                "label": labels.get(device, device),
                "unit": "" if (unit := sight.unit_of(device)) is None else unit.name,
                "start": by_device[device].start,
                "end": by_device[device].end,
                "bytes": by_device[device].bytes,
                "days": said.days,
                "gb": said.gb,
            }
            for said, devices in terms.groups(sight.book, list(by_device))
            for device in devices
        ]
        rows.sort(key=lambda row: str(row["device"]))
        return {"recordings": rows, "now": time.time(), "unknown": terms.unknown(sight.book)}

    GetRoutes(server, store).add_seen("/recorded", listed)


def _recordings(settings: Settings) -> tuple[Any, ...]:
    from ecg_monitor.archive.kept.index import FILE  # noqa: PLC0415 - loads a database
    from ecg_monitor.archive.reading import recordings  # noqa: PLC0415

    root = settings.archive_dir
    return recordings(root) if (root / FILE).is_file() else ()
