"""The report of a shift: of each patient, and of the unit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecg_monitor.ward.alarms.catalogue import BURDENS
from ecg_monitor.ward.alerts.policy import RANK
from ecg_monitor.ward.patients.trail import Entry
from ecg_monitor.ward.shift.alarms import HOUR_S, AlarmFigures, Row, alarm_figures, longest_s
from ecg_monitor.ward.shift.heart import Extreme, HeartFigures, heart_figures
from ecg_monitor.ward.shift.interval import Interval
from ecg_monitor.ward.shift.record import (
    LimitChange,
    StandbySpan,
    WrittenNote,
    changes_of,
    notes_of,
    standbys_of,
)
from ecg_monitor.ward.shift.stretches import Stretch, grouped
from ecg_monitor.ward.trends.kept import TimedMinute

WORST = 3
"""Patients that the summary names."""


@dataclass(frozen=True, slots=True)
class PatientShift:
    """One patient's shift, or that of a bed to which nobody was admitted.

    Attributes:
        stretch: who, where and when.
        alarms: what was raised.
        heart: what was measured.
        longest_af_s: the longest atrial fibrillation within the shift, s; None: there was none.
        longest_rr: the longest RR interval, s; None: it is not known.
        standbys: when the patient was away.
        standby_s: how long altogether, s.
        notes: written in the shift.
        changes: of limits and priorities.
    """

    stretch: Stretch
    alarms: AlarmFigures
    heart: HeartFigures
    longest_af_s: float | None
    longest_rr: Extreme | None
    standbys: tuple[StandbySpan, ...]
    standby_s: float
    notes: tuple[WrittenNote, ...]
    changes: tuple[LimitChange, ...]


@dataclass(frozen=True, slots=True)
class UnitShift:
    """A unit's shift.

    Attributes:
        beds: how many beds it has that the reader sees.
        patients: how many patients were there.
        alarms: of all rows of the report.
        monitored_s: of all rows, s.
        no_data_s: likewise: nothing came, s.
        alarms_per_hour: alarms per bed and monitored hour; None: the beds from which something came
            were monitored for less than an hour each, on average.
        worst: places in ``rows`` of those with the most alarms of high priority, then of all.
        rows: by bed and time.
    """

    beds: int
    patients: int
    alarms: AlarmFigures
    monitored_s: int
    no_data_s: float
    alarms_per_hour: float | None
    worst: tuple[int, ...]
    rows: tuple[PatientShift, ...]


@dataclass(frozen=True, slots=True)
class ShiftData:
    """What the report of a shift is made of.

    Attributes:
        alarms: rows of `ecg_monitor.ward.alerts.signals.Signal.to_map`, of all beds.
        minutes: by stretch, in the order of the stretches.
        longest_rr: likewise.
        entries: audit trails of the beds, oldest first.
        standbys: of all beds.
    """

    alarms: Sequence[Row]
    minutes: Sequence[Sequence[TimedMinute]]
    longest_rr: Sequence[Extreme | None]
    entries: Sequence[Entry]
    standbys: Sequence[StandbySpan]


def unit_shift(
    found: Sequence[Stretch], kept: ShiftData, devices: Iterable[str], interval: Interval
) -> UnitShift:
    """Return the report of a unit.

    A bed's time without a patient is a row of its own if something came, was raised or was done
    in it, or if nobody was at the bed in all of the shift.

    Args:
        found: who was there.
        kept: what is kept of it.
        devices: beds of the unit.
        interval: the shift.
    """
    by_device: dict[str, list[Row]] = {}
    for row in kept.alarms:
        by_device.setdefault(row["device"], []).append(row)
    by_stay = grouped(kept.entries, lambda entry: entry.stay)
    all_rows = [
        _patient_shift(stretch, place, kept, by_device, by_stay.get(stretch.stay, ()), interval)
        for place, stretch in enumerate(found)
    ]
    occupied = {leg.device for one in found if one.stay for leg in one.legs}
    rows = [
        row
        for row in all_rows
        if row.stretch.stay or row.stretch.device not in occupied or not _is_empty(row)
    ]
    mine = [row.stretch for row in rows]
    # An alarm of a bed belongs to one stretch, so none counts twice.
    alarms = [row for one in mine for row in _raised_or_there(one, by_device, interval)]
    monitored = sum(row.heart.monitored_s for row in rows)
    figures = alarm_figures(alarms, interval)
    return UnitShift(
        len(set(devices)),
        sum(one.stay != "" for one in mine),
        figures,
        monitored,
        round(sum(row.heart.no_data_s for row in rows), 1),
        _per_hour(figures.count, rows),
        _worst(rows),
        tuple(rows),
    )


def _patient_shift(
    stretch: Stretch,
    place: int,
    kept: ShiftData,
    by_device: Mapping[str, Sequence[Row]],
    entries: Sequence[Entry],
    interval: Interval,
) -> PatientShift:
    away = standbys_of(kept.standbys, stretch)
    fibrillation = [
        length
        for leg in stretch.legs
        if (
            length := longest_s(
                by_device.get(leg.device, ()), BURDENS, Interval(leg.since, leg.until)
            )
        )
        is not None
    ]
    return PatientShift(
        stretch,
        alarm_figures(_raised_or_there(stretch, by_device, interval), interval),
        heart_figures(kept.minutes[place], stretch.length_s, interval),
        max(fibrillation, default=None),
        kept.longest_rr[place],
        tuple(away),
        round(sum(one.until - one.since for one in away), 1),
        tuple(notes_of(entries, stretch, interval)),
        tuple(changes_of(entries, stretch, interval)),
    )


def _raised_or_there(
    stretch: Stretch, by_device: Mapping[str, Sequence[Row]], interval: Interval
) -> list[Row]:
    """Return the alarms of a stretch: raised in one of its legs, or there when the shift began."""
    found: list[Row] = []
    for leg in stretch.legs:
        first = leg.since == interval.since
        found += [
            row
            for row in by_device.get(leg.device, ())
            if leg.holds(leg.device, row["raised_at"]) or (first and row["raised_at"] < leg.since)
        ]
    return found


def _per_hour(alarms: int, rows: Sequence[PatientShift]) -> float | None:
    """Return alarms per bed and monitored hour; None where minutes would speak for an hour."""
    seen = [row for row in rows if row.heart.monitored_s]
    beds = {leg.device for row in seen for leg in row.stretch.legs}
    monitored = sum(row.heart.monitored_s for row in seen)
    enough = beds and monitored >= HOUR_S * len(beds)
    return round(alarms * HOUR_S / monitored, 2) if enough else None


def _is_empty(row: PatientShift) -> bool:
    told = row.alarms.count or row.standbys or row.notes or row.changes
    return not told and row.heart.monitored_s == 0


def _worst(rows: Sequence[PatientShift]) -> tuple[int, ...]:
    top = max(RANK, key=lambda name: RANK[name])
    order = sorted(
        (place for place, row in enumerate(rows) if row.alarms.count),
        key=lambda place: (
            -rows[place].alarms.priorities[top],
            -rows[place].alarms.count,
            place,
        ),
    )
    return tuple(order[:WORST])
