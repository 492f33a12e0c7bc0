"""Reads what is kept of beds: who is there, their numbers, minutes and beats.

What is kept by device belongs to whoever was there at the time: only the present stay is read, as
pages do (`ecg_monitor.ward.patients.stays`).
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, holder_of, read_hash
from ecg_monitor.ward.devices.roster import read_roster
from ecg_monitor.ward.patients import stays
from ecg_monitor.ward.patients.actions import read_beds, read_trail
from ecg_monitor.ward.patients.labels import told_label
from ecg_monitor.ward.patients.model import Bed
from ecg_monitor.ward.trends.kept import KeptBeat, read_beats, read_trend
from ecg_monitor.ward.trends.table import HOUR_S, columns

NEWEST = 500
"""Entries of a partition's events among which a bed's present numbers are looked for."""
STALE_S = 15.0
"""Numbers older than this are not present ones."""

Row = dict[str, Any]


class Beds:
    """What is known of the beds.

    Args:
        client: Redis.
        settings: number of partitions, how long things are kept.
    """

    def __init__(self, client: Store, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    async def all(self) -> list[Row]:
        """Return what is known of every bed, by device id."""
        found = [await self._rows(number) for number in range(self._settings.partitions)]
        return sorted((row for rows in found for row in rows), key=lambda row: str(row["device"]))

    async def one(self, device: str) -> Row | None:
        """Return what is known of a bed, with its present numbers; None if nothing is."""
        rows = await self._rows(self._of(device))
        row = next((one for one in rows if one["device"] == device), None)
        return None if row is None else {**row, "now": await self._now(device)}

    async def trend(self, device: str, since: float, until: float) -> Row:
        """Return the minutes of the present stay as columns."""
        began, partition = await self._began(device), self._of(device)
        first = max(began, since)
        earliest = max(began, first - HOUR_S)
        minutes = await read_trend(self._client, partition, device, earliest, until)
        table = columns(minutes, first)
        st = table.pop("st")
        return {"device": device, "since": first, "columns": table, "st_mv": st}

    async def beats(self, device: str, since: float, until: float) -> list[KeptBeat]:
        """Return the beats of the present stay in a span of time."""
        first = max(await self._began(device), since)
        return await read_beats(self._client, self._of(device), device, first, until)

    async def _rows(self, partition: int) -> list[Row]:
        """Return what is known of the beds of a partition."""
        told = await read_hash(self._client, keys.devices(partition))
        beds = await read_beds(self._client, partition)
        roster = await read_roster(self._client, partition)
        rows = []
        for device in {*told, *beds, *roster}:
            sent = roster.get(device)
            last = None if sent is None else sent.last
            rows.append(_bed(device, beds.get(device, Bed()), told.get(device), last))
        return rows

    async def _began(self, device: str) -> float:
        """Return when the present stay began, Unix s."""
        since = time.time() - self._settings.trend_retention_s
        entries = await read_trail(self._client, self._of(device), device, round(1000 * since))
        return stays.spans(entries, device)[-1].since

    async def _now(self, device: str) -> Row:
        """Return the newest numbers of a bed; None for what is not known now."""
        found: Any = await self._client.xrevrange(keys.events(self._of(device)), count=NEWEST)
        seconds, _ = await holder_of(self._client, self._of(device)).time()
        now: Row = {"at": None, "heart_rate": None, "quality": None, "rhythm": None, "st_mv": {}}
        measured = False
        for entry, fields in found:
            at = entry_ms(entry) / 1000
            if seconds - at > STALE_S or (measured and now["at"] is not None):
                break
            if fields.get(b"d", b"").decode() != device:
                continue
            for event in reversed(orjson.loads(fields[b"j"])):
                if event["type"] == "vitals" and now["at"] is None:
                    now["at"] = at
                    now |= {name: event.get(name) for name in ("heart_rate", "quality", "rhythm")}
                elif event["type"] == "measurement" and not measured:
                    measured = True
                    now["st_mv"] = event["st_mv"]
        return now

    def _of(self, device: str) -> int:
        return keys.partition_of(device, self._settings.partitions)


def _bed(device: str, bed: Bed, told: bytes | None, last: float | None) -> Row:
    admission = bed.admission
    patient = None
    if admission is not None:
        said = asdict(admission)
        names = ("stay", "patient", "name", "category", "admitted_at", "admitted_by")
        patient = {name: said[name] for name in names}
    return {
        "device": device,
        "label": bed.label or told_label(told or b"{}") or device,
        "patient": patient,
        "last_sent_at": last,
    }
