"""Changes of a bed as atomic operations on Redis; and reading.

Each operation is one Lua call on the partition's keys. Redis's own clock says when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.remote.streams import PAGE, read_range
from ecg_monitor.core.store import Store
from ecg_monitor.ward.patients.model import Bed, Note, bed_from_json, note_from_json
from ecg_monitor.ward.patients.trail import ChangeKind, Entry, differences, entry_from_json

LOG_LENGTH = 100_000
"""Entries kept in a partition's trail; export it (`ecg-monitor patients audit`) for more."""
MAX_NOTES = 500
"""Notes of one stay."""

_CHANGE = lua(__name__, "common", "change")
_NOTE = lua(__name__, "common", "note")


async def write(
    store: Store,
    partition: int,
    device: str,
    old: Bed,
    new: Bed,
    what: ChangeKind,
    *,
    other: str = "",
    transfer: str = "",
    notes: Sequence[Note] | None = None,
) -> Bed:
    """Replace the state of a bed; return the new one as it was written.

    Args:
        store: client.
        partition: partition of the device.
        device: device id.
        old: the state that the change is made of: the bed must still have its version.
        new: the state to be; its ``by`` says who changes it.
        what: kind of change.
        other: the other device of a transfer.
        transfer: its number.
        notes: notes that the bed has from now on; None: it keeps those that it has.

    Raises:
        PatientError: someone has changed the bed meanwhile; the error says who.
        StoreError: Redis does not answer.
    """
    admission = new.admission or old.admission
    entry = Entry(
        what,
        new.by,
        0.0,
        device,
        0,
        stay="" if admission is None else admission.stay,
        patient="" if admission is None else admission.patient,
        changes=differences(old, new),
        transfer=transfer,
        other=other,
    )
    state = {
        "by": new.by,
        "admission": None if new.admission is None else asdict(new.admission),
        "leaving": None if new.leaving is None else asdict(new.leaving),
        "arrival": new.arrival,
        "own": None if new.own is None else asdict(new.own),
        "label": new.label,
        "place": new.place,
    }
    kept = "keep" if notes is None else "replace"
    words = [str(old.version), _open(state), _tail(entry), kept]
    words += [orjson.dumps(asdict(note)).decode() for note in notes or ()]
    answer = await _call(store, partition, device, _CHANGE, words)
    if answer[0] == 0:
        raise conflict(device, bed_from_json(answer[1]).by if answer[1] else "someone")
    return replace(new, version=answer[0], at=float(answer[1]))


async def add_note(
    store: Store, partition: int, device: str, stay: str, by: str, patient: str, text: str
) -> None:
    """Append a note on a device's patient.

    Raises:
        PatientError: the stay is not (or no longer) at this device, or has too many notes.
        StoreError: Redis does not answer.
    """
    entry = Entry(ChangeKind.NOTED, by, 0.0, device, 0, stay=stay, patient=patient, text=text)
    note = _open({"text": text, "by": by})
    words = [stay, str(MAX_NOTES), note, _tail(entry)]
    answer = (await _call(store, partition, device, _NOTE, words)).decode()
    if answer != "done":
        why = {
            "gone": "{device}: the note was not added: the patient is no longer at this bed",
            "leaving": "{device}: the note was not added: the patient is being transferred",
            "full": "{device}: the note was not added: there are {most} notes already",
        }[answer]
        raise PatientError(why, device=device, most=MAX_NOTES)


async def read_bed(store: Store, partition: int, device: str) -> Bed:
    """Return the state of a bed.

    Raises:
        PatientError: it is malformed.
        StoreError: Redis does not answer.
    """
    text: Any = await store.hget(keys.patients(partition), device)
    return Bed() if text is None else bed_from_json(text)


async def read_beds(store: Store, partition: int) -> dict[str, Bed]:
    """Return the beds of a partition that ever had a patient, by device.

    Raises:
        PatientError: one is malformed.
        StoreError: Redis does not answer.
    """
    found: Any = await store.hgetall(keys.patients(partition))
    return {device.decode(): bed_from_json(text) for device, text in found.items()}


async def read_notes(store: Store, partition: int, device: str) -> list[Note]:
    """Return the notes on a device's patient, oldest first.

    Raises:
        PatientError: one is malformed.
        StoreError: Redis does not answer.
    """
    found: Any = await store.lrange(keys.notes(partition, device), 0, -1)
    return [note_from_json(text) for text in found]


async def read_trail(
    store: Store, partition: int, device: str | None = None, since_ms: int = 0, page: int = PAGE
) -> list[Entry]:
    """Return the audit trail of a partition, or of one device, since a Unix time in ms.

    Raises:
        PatientError: an entry is malformed.
        StoreError: Redis does not answer.
    """
    entries = read_range(store, keys.patientlog(partition), f"{since_ms}-0", page=page)
    return [
        entry_from_json(fields[b"e"])
        async for _, fields in entries
        if device is None or fields[b"d"].decode() == device
    ]


def conflict(device: str, by: str) -> PatientError:
    """Return the error of who comes second; ``by`` came first."""
    return PatientError(
        "{device}: {by} has changed this bed meanwhile; look at it again, then change it",
        device=device,
        by=by,
    )


async def _call(store: Store, partition: int, device: str, script: str, words: list[str]) -> Any:
    names = [
        keys.patients(partition),
        keys.patients_version(partition),
        keys.patientlog(partition),
        keys.notes(partition, device),
    ]
    args = [device, str(LOG_LENGTH), *words]
    return await store.register_script(script)(keys=names, args=args)


def _open(said: dict[str, Any]) -> str:
    """Return JSON without its first brace: the script puts time and version before it."""
    return orjson.dumps(said).decode()[1:]


def _tail(entry: Entry) -> str:
    said = entry.to_map()
    return _open({name: said[name] for name in said if name not in ("at", "version")})
