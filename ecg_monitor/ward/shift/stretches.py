"""Who was at the beds of a unit in an interval: read from the audit trail of the beds. Pure.

A patient is one row of the report wherever they lay. One who came from another unit brings the
time before with them; one who left for another unit is reported until they left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ecg_monitor.ward.limits.model import CATEGORIES
from ecg_monitor.ward.patients.model import Bed
from ecg_monitor.ward.patients.stays import Span, spans
from ecg_monitor.ward.patients.trail import ChangeKind, Entry
from ecg_monitor.ward.shift.interval import Interval

MOVES = (ChangeKind.ADMITTED, ChangeKind.ARRIVED, ChangeKind.LEFT, ChangeKind.DISCHARGED)


@dataclass(frozen=True, slots=True)
class BedStay:
    """A time at one bed, Unix s."""

    device: str
    since: float
    until: float

    def holds(self, device: str, at: float) -> bool:
        """Return whether something of a device at a time belongs to it."""
        return device == self.device and self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Move:
    """A patient came or went.

    Attributes:
        what: one of `MOVES`.
        at: Unix s.
        by: who did it.
        device: the bed.
        other: the other bed of a transfer, or empty.
    """

    what: str
    at: float
    by: str
    device: str
    other: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """One patient in the interval, or the time of one bed to which nobody was admitted.

    Attributes:
        device: the bed, of several the last one in the unit.
        stay: identity of the stay, or empty.
        patient: the hospital's number, or empty.
        name: as it was shown, or empty.
        category: the last one known: ``adult``, ``paediatric`` or ``neonatal``.
        legs: where they were and when, oldest first; there is one at least.
        moves: how they came and went, oldest first.
    """

    device: str
    stay: str
    patient: str
    name: str
    legs: tuple[BedStay, ...]
    moves: tuple[Move, ...] = ()
    category: str = CATEGORIES[0]

    @property
    def length_s(self) -> float:
        """How much of the interval it covers, s."""
        return sum(leg.until - leg.since for leg in self.legs)

    def holds(self, device: str, at: float) -> bool:
        """Return whether something of a device at a time belongs to it."""
        return any(leg.holds(device, at) for leg in self.legs)


def stretches(
    entries: Sequence[Entry],
    beds: Mapping[str, Bed],
    devices: Iterable[str],
    interval: Interval,
) -> list[Stretch]:
    """Return who was at some beds in an interval: by bed and time.

    Args:
        entries: of the audit trails of all beds, from the beginning of the interval on, oldest
            first.
        beds: their states now, which say who is there without an entry.
        devices: the beds of the unit.
        interval: the interval.
    """
    own = set(devices)
    by_device = grouped(entries, lambda entry: entry.device)
    by_stay = grouped(entries, lambda entry: entry.stay)
    legs: dict[tuple[str, str], list[tuple[Span, BedStay]]] = {}
    for device in sorted(own | by_device.keys()):
        for span in _spans(by_device.get(device, []), device, beds.get(device, Bed())):
            part = interval.clip(span.since, span.until)
            if part is not None:
                key = (span.stay, "" if span.stay else device)
                legs.setdefault(key, []).append((span, BedStay(device, *part)))
    names = _names(entries, beds)
    categories = _categories(entries, beds)
    found: list[Stretch] = []
    for (stay, _), known in legs.items():
        known.sort(key=lambda one: one[1].since)
        while known and known[-1][1].device not in own:
            known.pop()  # they have left the unit
        if not known:
            continue
        span, last = known[-1]
        mine = tuple(leg for _, leg in known)
        found.append(
            Stretch(
                *(last.device, stay, span.patient, names.get(stay, "") if stay else "", mine),
                _moves(by_stay.get(stay, ()), stay, mine, interval),
                categories.get(stay or last.device, CATEGORIES[0]),
            )
        )
    return sorted(found, key=lambda one: (one.device, one.legs[-1].since, one.stay))


def grouped(entries: Iterable[Entry], key: Callable[[Entry], str]) -> dict[str, list[Entry]]:
    """Return entries by something of theirs: a hospital has too many to go through for each bed."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(key(entry), []).append(entry)
    return found


def _spans(entries: Sequence[Entry], device: str, bed: Bed) -> list[Span]:
    """Return the spans of a device; without an entry who is there now has been there all along."""
    found = spans(entries, device)
    if len(found) == 1 and found[0].since == 0 and bed.admission is not None:
        stay, patient = bed.admission.stay, bed.admission.patient
        return [replace(found[0], stay=stay, patient=patient)]
    return found


def _names(entries: Iterable[Entry], beds: Mapping[str, Bed]) -> dict[str, str]:
    """Return what patients are called, by stay: who is there now as now, others as last shown."""
    names: dict[str, str] = {}
    for entry in entries:
        for change in entry.changes:
            shown = change.old if change.new is None else change.new
            if change.field == "name" and entry.stay and isinstance(shown, str):
                names[entry.stay] = shown
    for bed in beds.values():
        if bed.admission is not None:
            names[bed.admission.stay] = bed.admission.name
    return names


def _categories(entries: Iterable[Entry], beds: Mapping[str, Bed]) -> dict[str, str]:
    """Return the last category known of each stay, and by device of each bed without one."""
    found: dict[str, str] = {}
    for entry in entries:
        for change in entry.changes:
            shown = change.old if change.new is None else change.new
            if change.field == "category" and isinstance(shown, str):
                found[entry.stay or entry.device] = shown
    for device, bed in beds.items():
        if bed.admission is not None:
            found[bed.admission.stay] = bed.admission.category
        elif bed.own is not None:
            found[device] = bed.own.category
    return found


def _moves(
    entries: Iterable[Entry], stay: str, legs: Sequence[BedStay], interval: Interval
) -> tuple[Move, ...]:
    if not stay:
        return ()
    mine = {leg.device for leg in legs}
    return tuple(
        Move(entry.what, entry.at, entry.who, entry.device, entry.other)
        for entry in entries
        if entry.stay == stay
        and entry.what in MOVES
        and entry.device in mine
        and interval.since <= entry.at < interval.until
    )
