"""The staff's desk for devices: which are known, and how one is removed by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.handling.actions import read_board
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.devices.roster import WRITE_EVERY_S, read_admitted, read_roster
from ecg_monitor.ward.patients.actions import read_bed, write
from ecg_monitor.ward.patients.model import checked_text
from ecg_monitor.ward.patients.trail import ChangeKind
from ecg_monitor.ward.patients.transfer import awaited

MAX_BY = 64
SENDING_S = 2 * WRITE_EVERY_S
"""A device that has sent within this time would be back at once, s."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is known.

    Attributes:
        device: device id.
        first_at: when it has first sent, Unix s.
        last_at: when it has last sent, Unix s, give or take `WRITE_EVERY_S`.
        admitted: whether a patient is admitted to it.
    """

    device: str
    first_at: float
    last_at: float
    admitted: bool


class DeviceDesk:
    """Devices of the whole system.

    Args:
        store: client.
        settings: number of partitions.
        now: clock, Unix s.

    All methods raise `StoreError` if Redis does not answer.
    """

    def __init__(
        self, store: Store, settings: Settings, now: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._partitions = settings.partitions
        self._now = now

    async def devices(self) -> list[Device]:
        """Return the devices that are known, by name."""
        found: list[Device] = []
        for partition in range(self._partitions):
            admitted = await read_admitted(self._store, partition)
            roster = await read_roster(self._store, partition)
            found += [
                Device(name, entry.first, entry.last, name in admitted)
                for name, entry in roster.items()
            ]
        return sorted(found, key=lambda one: one.device)

    async def remove(self, device: str, by: str) -> None:
        """Ask for a device to be forgotten: its alerts end, and all that is kept of it goes.

        The detector does so within seconds, and writes it into the audit trail of patients.

        Args:
            device: device id.
            by: who asks.

        The name, the place and the limits that staff gave the bed end at once.

        Raises:
            PatientError: the device is not known, has a patient, awaits one, or sends; or an alert
                of its waits for somebody; or somebody has changed the bed meanwhile.
        """
        by = checked_text("by", by, MAX_BY)
        partition = keys.partition_of(device, self._partitions)
        entry = (await read_roster(self._store, partition)).get(device)
        if entry is None:
            raise PatientError("{device}: no such device is known", device=device)
        if device in await read_admitted(self._store, partition):
            raise PatientError("{device}: discharge its patient first", device=device)
        if device in await awaited(self._store, self._partitions):
            raise PatientError("{device}: a patient is on the way to it", device=device)
        if self._now() - entry.last < SENDING_S:
            raise PatientError(
                "{device}: it sends; switch it off first, or take its account away from the broker",
                device=device,
            )
        board = await read_board(self._store, partition)
        if any(one.alert.kind not in OF_DEVICE and one.presence in (Presence.ON, Presence.LATCH)
               for one in board.of_device(device)):  # fmt: skip
            raise PatientError("{device}: acknowledge its alarms first", device=device)
        bed = await read_bed(self._store, partition, device)
        if bed.own is not None or bed.label or bed.place is not None:
            # Whoever comes with a device of this name is not monitored under these limits, and
            # another bed may have the name.
            bare = replace(bed, by=by, own=None, label="", place=None)
            await write(self._store, partition, device, bed, bare, ChangeKind.CHANGED)
        order = orjson.dumps({"by": by, "at": round(self._now(), 3)})
        await self._store.hset(keys.removals(partition), device, order.decode())
