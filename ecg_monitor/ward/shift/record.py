"""Standbys, notes and changes of limits of a shift, from the audit trails. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ecg_monitor.ward.alerts.standby import Standby
from ecg_monitor.ward.alerts.trail import Entry as AlertEntry
from ecg_monitor.ward.patients.model import Value
from ecg_monitor.ward.patients.trail import ChangeKind, Entry
from ecg_monitor.ward.shift.interval import Interval
from ecg_monitor.ward.shift.stretches import Stretch

CHANGED_FIELDS = ("limits.", "alarms.", "category")
"""What fields of a bed's state that bear on alarms begin with."""


@dataclass(frozen=True, slots=True)
class StandbySpan:
    """A standby within the shift: the patient was away. Times are Unix s."""

    device: str
    since: float
    until: float
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A note that was written in the shift."""

    text: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A limit, or the priority of an alarm, that was changed in the shift; None: the default.

    Defaults are those of a category: the one that held before the change.
    """

    field: str
    old: Value
    new: Value
    by: str
    at: float
    category: str


def standbys(entries: Iterable[AlertEntry], interval: Interval, now: float) -> list[StandbySpan]:
    """Return the standbys of all devices in a shift, by device and time; none overlap.

    Args:
        entries: those of the audit trails of alerts that are about standbys, in any order.
        interval: the shift.
        now: Unix time, s: one that lasts has lasted until then.
    """
    known: dict[tuple[str, int], Standby] = {}
    for entry in entries:
        if entry.standby is not None:
            key = (entry.device, entry.standby.seq)
            known[key] = known[key].join(entry.standby) if key in known else entry.standby
    found: list[StandbySpan] = []
    for (device, seq), one in sorted(known.items()):
        ended = one.over_at(now)
        following = known.get((device, seq + 1))
        if following is not None:  # it takes the place of one that lasts
            ended = following.at if ended is None else min(ended, following.at)
        part = interval.clip(one.at, now if ended is None else ended)
        if part is not None:
            found.append(StandbySpan(device, *part, one.reason, one.by))
    return found


def standbys_of(found: Iterable[StandbySpan], stretch: Stretch) -> list[StandbySpan]:
    """Return the standbys of a patient: those parts that lie in their time at a bed."""
    mine = []
    for one in found:
        for leg in stretch.legs:
            part = Interval(leg.since, leg.until).clip(one.since, one.until)
            if leg.device == one.device and part is not None:
                mine.append(StandbySpan(one.device, *part, one.reason, one.by))
    return sorted(mine, key=lambda one: one.since)


def notes_of(entries: Sequence[Entry], stretch: Stretch, interval: Interval) -> list[WrittenNote]:
    """Return the notes on a patient that were written in the shift, oldest first."""
    return [
        WrittenNote(entry.text, entry.who, entry.at)
        for entry in _entries(entries, stretch, interval)
        if entry.what is ChangeKind.NOTED
    ]


def changes_of(entries: Sequence[Entry], stretch: Stretch, interval: Interval) -> list[LimitChange]:
    """Return the limits and priorities that staff changed for a patient, or a bed, in the shift.

    Args:
        entries: of the audit trails of the beds, oldest first, also those after the shift.
        stretch: the patient, or the bed.
        interval: the shift.
    """
    wanted = {id(entry) for entry in _entries(entries, stretch, interval)}
    category = stretch.category
    found: list[list[LimitChange]] = []
    for entry in reversed([one for one in entries if _is_about(one, stretch)]):
        former = [one.old for one in entry.changes if one.field == "category"]
        category = next((one for one in former if isinstance(one, str)), category)
        if entry.what is ChangeKind.CHANGED and id(entry) in wanted:
            found.append(
                [
                    LimitChange(one.field, one.old, one.new, entry.who, entry.at, category)
                    for one in entry.changes
                    if one.field.startswith(CHANGED_FIELDS)
                ]
            )
    return [change for changes in reversed(found) for change in changes]


def _is_about(entry: Entry, stretch: Stretch) -> bool:
    """Return whether an entry is about a patient, or about a bed to which nobody is admitted."""
    return entry.stay == stretch.stay and (stretch.stay != "" or entry.device == stretch.device)


def _entries(entries: Iterable[Entry], stretch: Stretch, interval: Interval) -> list[Entry]:
    return [
        entry
        for entry in entries
        if interval.since <= entry.at < interval.until
        and entry.stay == stretch.stay
        and stretch.holds(entry.device, entry.at)
    ]
