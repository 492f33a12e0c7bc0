"""The roster of devices: when each has first and last sent, and when it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.store import Store, read_hash
from ecg_monitor.ward.patients.model import bed_from_json

PASSING_S = 60.0
"""A device that has sent for less than this in all is one that passes by: an id that was mistyped,
tried or made up."""
PASSED_S = 600.0
"""Such a device is gone when it has been silent for so long, s."""
PASSED_IN_A_CROWD_S = 60.0
"""It is gone after so long, s, when more than `CROWD` of the devices that may be known are."""
CROWD = 0.5
WRITE_EVERY_S = 15.0
"""Greatest age of what the roster says of a device that sends, s."""


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """What the roster says of a device.

    Attributes:
        first: when it has first sent, Unix s.
        last: when it has last sent, Unix s; up to `WRITE_EVERY_S` earlier than it really was.
    """

    first: float
    last: float

    def to_text(self) -> str:
        """Return the entry as Redis keeps it."""
        return f"{self.first:.0f} {self.last:.0f}"

    def is_gone(self, now: float, retention_s: float, *, crowd: bool = False) -> bool:
        """Return whether a device that nobody is admitted to need not be remembered.

        Args:
            now: Unix time, s.
            retention_s: how long a device that does not pass by is remembered, s.
            crowd: whether there are many devices.
        """
        silent_s = now - self.last
        if self.last - self.first < PASSING_S:
            passed_s = PASSED_IN_A_CROWD_S if crowd else PASSED_S
            return silent_s > min(passed_s, retention_s)
        return silent_s > retention_s


def old_acquaintance(now: float) -> RosterEntry:
    """Return an entry of a device that was there before there was a roster."""
    return RosterEntry(now - PASSING_S, now)


def entry_of(text: bytes) -> RosterEntry:
    """Read an entry; what another has written there counts as one that was never heard.

    A device that is known is not shut out for a malformed entry.
    """
    try:
        first, last = map(float, text.split())
    except ValueError:
        return RosterEntry(0.0, 0.0)
    return RosterEntry(first, last)


async def read_roster(store: Store, partition: int) -> dict[str, RosterEntry]:
    """Return the devices of a partition.

    Raises:
        StoreError: Redis does not answer.
    """
    found = await read_hash(store, keys.roster(partition))
    return {device: entry_of(text) for device, text in found.items()}


def admitted_of(patients: dict[bytes, bytes]) -> set[str]:
    """Return the devices to which a patient is admitted, or is on the way.

    Args:
        patients: hash of the partition's patients. A malformed entry counts as a patient.
    """
    return {device.decode() for device, text in patients.items() if _has_patient(text)}


def _has_patient(text: bytes) -> bool:
    try:
        bed = bed_from_json(text)
    except PatientError:
        return True
    return bed.admission is not None or bed.leaving is not None


async def read_admitted(store: Store, partition: int) -> set[str]:
    """Return the devices of a partition to which a patient is admitted.

    Raises:
        StoreError: Redis does not answer.
    """
    found: Any = await store.hgetall(keys.patients(partition))
    return admitted_of(found)
