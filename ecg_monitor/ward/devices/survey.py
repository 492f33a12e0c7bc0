"""All that is known of every device that has ever knocked: for those who keep devices going.

Sources: the roster (`roster`), what ingest counts and notes (`form`, `refusal`), what the device
tells of itself (`told`), how far the detector has come, and the alerts of the device.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.handling.actions import read_board
from ecg_monitor.ward.devices.form import PacketForm, form_of
from ecg_monitor.ward.devices.notice import DeviceNotice, notice_of
from ecg_monitor.ward.devices.refusal import NOBODY, TOO_MANY, LastRefusal, refusal_of
from ecg_monitor.ward.devices.roster import WRITE_EVERY_S, RosterEntry, admitted_of, entry_of
from ecg_monitor.ward.patients.model import bed_from_json

SENDS_S = WRITE_EVERY_S + 5.0
"""A device whose last packet is not older than this sends: what the roster says may be so old, s.
"""
FORGOTTEN_S = 86_400.0
"""Refusals of a device that was never let in are shown for so long, s."""

State = Literal["sends", "silent", "offline", "never", "refused", "turned_away"]
"""``sends``: packets come. ``silent``: none come, and the device has not said that it is off.
``offline``: none come, as it has said. ``never``: it has told of itself, and no packet has come.
A device that has told that it is online is let in before its first packet.
``refused``: packets came, and none was accepted. ``turned_away``: it was not let in, since too many
devices are known."""
_REFUSED = "refused:"


@dataclass(frozen=True, slots=True)
class DeviceAlert:
    """An alert of the device that is present: its kind, and the lead that shows it."""

    kind: str
    lead: str | None


@dataclass(frozen=True, slots=True)
class SurveyedDevice:
    """What is known of a device.

    Attributes:
        device: device id.
        known: whether it is on the roster, and so has a place and can be removed.
        state: whether it sends.
        first_at: when it has first sent what was accepted, Unix s; None: never.
        last_at: when it has last sent that, Unix s; None: never.
        admitted: whether a patient is monitored by it, or on the way to it.
        label: what its bed is called: by staff, else by the device; else the device id.
        told: what it tells of itself.
        form: what its packets look like; None: nobody has noted it.
        accepted: packets that were accepted.
        refused: packets that were refused, by reason.
        refusal: the last one; None: there was none, or it is not kept.
        missing: samples that never came, of all leads.
        alerts: conditions of the device and its electrodes that are present.
    """

    device: str
    known: bool
    state: State
    first_at: float | None
    last_at: float | None
    admitted: bool
    label: str
    told: DeviceNotice
    form: PacketForm | None
    accepted: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    refusal: LastRefusal | None = None
    missing: int = 0
    alerts: tuple[DeviceAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of all devices.

    Attributes:
        devices: by device id.
        nobody: messages on topics that name no device, by the reason of their refusal.
    """

    devices: tuple[SurveyedDevice, ...]
    nobody: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PartitionHashes:
    """What one partition holds, as Redis gives it: hashes by device, as bytes."""

    roster: Mapping[bytes, bytes]
    devices: Mapping[bytes, bytes]
    patients: Mapping[bytes, bytes]
    forms: Mapping[bytes, bytes]
    refused: Mapping[bytes, bytes]
    strangers: Mapping[bytes, bytes]
    progress: Mapping[bytes, bytes]
    counters: Mapping[bytes, bytes]


def state_of(
    last_at: float | None,
    told: DeviceNotice,
    refusal: LastRefusal | None,
    now: float,
) -> State:
    """Return whether a device sends.

    Args:
        last_at: when its last packet came that was accepted, Unix s; None: none was.
        told: what it tells of itself.
        refusal: its last packet that was refused.
        now: Unix time, s.
    """
    if last_at is None:
        if refusal is None:
            return "never"
        return "turned_away" if refusal.reason == TOO_MANY else "refused"
    if now - last_at <= SENDS_S:
        return "sends"
    return "offline" if told.state == "offline" else "silent"


def survey_of(
    found: PartitionHashes,
    alerts: Mapping[str, Iterable[DeviceAlert]],
    now: float,
) -> list[SurveyedDevice]:
    """Return what is known of the devices of a partition, by device id.

    Args:
        found: what Redis holds.
        alerts: of devices, those that are present.
        now: Unix time, s.
    """
    roster = {_name(device): entry_of(text) for device, text in found.roster.items()}
    admitted = admitted_of(dict(found.patients))
    counts = _counted(found.counters)
    strangers = {_name(device): refusal_of(text) for device, text in found.strangers.items()}
    lately = {
        device: one
        for device, one in strangers.items()
        if one is not None and now - one.at <= FORGOTTEN_S
    }
    names = {*roster, *lately, *admitted, *(_name(device) for device in found.devices)}
    rows: list[SurveyedDevice] = []
    for device in sorted(names):
        key = device.encode()
        entry = roster.get(device)
        told = notice_of(found.devices.get(key))
        refusals = (refusal_of(found.refused.get(key)), lately.get(device))
        refusal = max((one for one in refusals if one is not None), key=_at, default=None)
        mine = counts.get(device, {})
        sent = entry if mine.get("accepted") else None
        last_at = None if sent is None else _last_at(sent, found.progress.get(key))
        rows.append(
            SurveyedDevice(
                device=device,
                known=entry is not None,
                state=state_of(last_at, told, refusal, now),
                first_at=None if sent is None else sent.first,
                last_at=last_at,
                admitted=device in admitted,
                label=_label(found.patients.get(key)) or told.label or device,
                told=told,
                form=form_of(found.forms.get(key)),
                accepted=mine.get("accepted", 0),
                refused=_refused(mine),
                refusal=refusal,
                missing=mine.get("samples_missing", 0),
                alerts=tuple(alerts.get(device, ())),
            )
        )
    return rows


async def read_survey(store: Store, partitions: int, now: float) -> Survey:
    """Return what is known of all devices.

    Args:
        store: client.
        partitions: how many there are.
        now: Unix time, s.

    Raises:
        AlertError: an alert in Redis is malformed.
        StoreError: Redis does not answer.
    """
    rows: list[SurveyedDevice] = []
    nobody: Counter[str] = Counter()
    for partition in range(partitions):
        async with store.pipeline(transaction=False) as pipe:
            for key in (
                keys.roster, keys.devices, keys.patients, keys.forms, keys.refused, keys.strangers,
                keys.progress, keys.counters,
            ):  # fmt: skip
                pipe.hgetall(key(partition))
            found: list[Any] = await pipe.execute()
        board = await read_board(store, partition)
        present: dict[str, list[DeviceAlert]] = defaultdict(list)
        for identity in sorted(board.active):
            alert = board.records[identity].alert
            if alert.present and alert.kind in OF_DEVICE:
                present[alert.device].append(DeviceAlert(alert.kind, alert.lead))
        everything = PartitionHashes(*found)
        rows += survey_of(everything, present, now)
        nobody.update(_refused(_counted(everything.counters).get(NOBODY, {})))
    return Survey(tuple(sorted(rows, key=lambda one: one.device)), nobody)


def _last_at(entry: RosterEntry, progress: bytes | None) -> float:
    """Return when the last packet came, Unix s: the detector knows more exactly than the roster."""
    analysed = (progress or b"").rpartition(b" ")[2]
    try:
        return max(entry.last, entry_ms(analysed) / 1000)
    except ValueError:
        return entry.last


def _label(patients: bytes | None) -> str:
    """Return what staff call a bed; empty: nothing, or it cannot be read."""
    try:
        return "" if patients is None else bed_from_json(patients).label
    except PatientError:
        return ""


def _refused(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts of refused messages by reason."""
    return {
        name.removeprefix(_REFUSED): count
        for name, count in counts.items()
        if name.startswith(_REFUSED)
    }


def _counted(counters: Mapping[bytes, bytes]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for name, number in counters.items():
        device, _, counter = name.decode(errors="replace").partition("|")
        try:
            counts[device][counter] = int(number)
        except ValueError:  # another has written there: nothing was counted
            continue
    return counts


def _name(device: bytes) -> str:
    return device.decode(errors="replace")


def _at(refusal: LastRefusal) -> float:
    return refusal.at
