"""Whose signal a bed's past is: the audit trail as spans of time. Pure.

What is kept by device (trends, beats, alarms) belongs to whoever was there at the time. A patient
who comes to a bed must not be shown the past of the one before, and keeps what was recorded of
them at another bed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ecg_monitor.ward.patients.trail import ChangeKind, Entry

_COMES = frozenset({ChangeKind.ADMITTED, ChangeKind.ARRIVED})
_GOES = frozenset({ChangeKind.DISCHARGED, ChangeKind.LEFT})


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which the same patient, or nobody known, was at a device.

    Attributes:
        device: device id.
        stay: identity of the stay, or empty: no patient was admitted.
        patient: the hospital's number of the patient, or empty.
        since: Unix time, s; 0 where the trail does not reach back to.
        until: Unix time, s; None: it goes on.
    """

    device: str
    stay: str
    patient: str
    since: float
    until: float | None = None


def spans(entries: Iterable[Entry], device: str) -> list[Span]:
    """Return the spans of a device, oldest first; the last one goes on.

    Args:
        entries: of the trail of this device at least, oldest first.
        device: device id.
    """
    found = [Span(device, "", "", 0.0)]
    for entry in entries:
        if entry.device != device or entry.what not in _COMES | _GOES:
            continue
        found[-1] = replace(found[-1], until=entry.at)
        if entry.what in _COMES:
            found.append(Span(device, entry.stay, entry.patient, entry.at))
        else:
            found[-1] = replace(found[-1], stay=entry.stay, patient=entry.patient)
            found.append(Span(device, "", "", entry.at))
    return [one for one in found if one.until is None or one.until > one.since]


def past(entries: Iterable[Entry], device: str, since: float) -> list[Span]:
    """Return what can be looked at from a device's page, newest first: the present span leads.

    Args:
        entries: of the trail of all devices, oldest first.
        device: device id.
        since: Unix time; spans that ended before have left nothing behind, s.

    Returns:
        The spans of the device, and those that the present patient spent elsewhere.
    """
    known = list(entries)
    own = spans(known, device)
    stay = own[-1].stay
    others = {entry.device for entry in known if entry.stay == stay} - {device} if stay else set()
    elsewhere = [one for other in sorted(others) for one in spans(known, other) if one.stay == stay]
    former = [one for one in (*own[:-1], *elsewhere) if one.until is None or one.until > since]
    return [own[-1], *sorted(former, key=lambda one: -one.since)]
