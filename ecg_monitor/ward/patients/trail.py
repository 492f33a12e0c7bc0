"""The audit trail: who changed what of a bed, and when. Pure.

One entry per change, in the stream ``patientlog`` of the partition; Redis gives the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

import orjson

from ecg_monitor.core.errors import PatientError
from ecg_monitor.ward.patients.model import Bed, Value, bed_of_fields

DETECTOR = "detector"


class ChangeKind(StrEnum):
    """What an entry tells."""

    ADMITTED = "admitted"
    CHANGED = "changed"
    DISCHARGED = "discharged"
    LEAVING = "leaving"
    """A transfer begins."""
    ARRIVED = "arrived"
    LEFT = "left"
    STAYED = "stayed"
    """The transfer could not be made: the target has been taken."""
    NOTED = "noted"
    NAMED = "named"
    """The bed was given another name or place on the wall."""
    APPLIED = "applied"
    """The detector follows the state of this version from here on."""
    REMOVED = "removed"
    """The device was forgotten, with all that was kept of it, since somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a state: what it was and what it is; None: there is none."""

    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the trail.

    Attributes:
        what: see `ChangeKind`.
        who: person, or `DETECTOR`.
        at: Unix time, s.
        device: device id.
        version: number of the change; of `ChangeKind.APPLIED`: of the state that is followed.
        stay: the stay that it is about.
        patient: the hospital's number of the patient.
        changes: fields that differ.
        transfer: number of the transfer, or empty.
        other: the other device of a transfer, or empty.
        text: text of a note, or empty.
        boot: power-up of the device, with `ChangeKind.APPLIED`.
        n: index of the first sample that is judged under that state, with `ChangeKind.APPLIED`.
    """

    what: ChangeKind
    who: str
    at: float
    device: str
    version: int
    stay: str = ""
    patient: str = ""
    changes: tuple[Change, ...] = ()
    transfer: str = ""
    other: str = ""
    text: str = ""
    boot: str = ""
    n: int | None = None

    def to_map(self) -> dict[str, Any]:
        """Return a JSON-ready map, without what is empty."""
        said = {**asdict(self), "changes": [asdict(one) for one in self.changes]}
        return {name: value for name, value in said.items() if value not in ("", [], None)}


def differences(old: Bed, new: Bed) -> tuple[Change, ...]:
    """Return the fields in which two states differ, in order of their names."""
    before, after = old.fields(), new.fields()
    names = sorted(before.keys() | after.keys())
    return tuple(
        Change(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )


def replay(entries: Iterable[Entry]) -> Bed:
    """Return the state that a device's entries lead to, from the first one ever.

    Raises:
        PatientError: an entry does not fit what came before it: the trail has a hole.
    """
    bed = Bed()
    for entry in entries:
        if entry.what in (ChangeKind.NOTED, ChangeKind.APPLIED, ChangeKind.REMOVED):
            continue
        found = bed.fields()
        for change in entry.changes:
            if found.pop(change.field, None) != change.old:
                raise PatientError(f"{entry.device}: the trail has a hole at {change.field}")
            if change.new is not None:
                found[change.field] = change.new
        bed = bed_of_fields(found, entry.version, entry.who, entry.at)
    return bed


def entry_from_json(text: bytes) -> Entry:
    """Read an entry as it is in Redis. Unknown fields are ignored.

    Raises:
        PatientError: it is malformed.
    """
    try:
        said: Mapping[str, Any] = orjson.loads(text)
        names = {one.name for one in fields(Entry)}
        entry = Entry(**{name: value for name, value in said.items() if name in names})
        return replace(
            entry,
            what=ChangeKind(entry.what),
            changes=tuple(Change(**one) for one in said.get("changes", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PatientError(f"an entry of the trail is malformed: {error}") from error
