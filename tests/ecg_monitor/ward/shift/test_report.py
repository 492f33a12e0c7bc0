"""The report of a shift: its parts sum up to the whole, whoever was where."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import RequestError
from ecg_monitor.ward.alarms.catalogue import BURDENS, KINDS
from ecg_monitor.ward.alerts.standby import Standby
from ecg_monitor.ward.alerts.trail import Entry as AlertEntry
from ecg_monitor.ward.alerts.trail import EntryKind as AlertWhat
from ecg_monitor.ward.patients.model import Admission, Bed, BedLimits
from ecg_monitor.ward.patients.trail import Change, ChangeKind, Entry
from ecg_monitor.ward.shift.alarms import alarm_figures, hour_count
from ecg_monitor.ward.shift.heart import Extreme, heart_figures
from ecg_monitor.ward.shift.interval import LONGEST_S, Interval, interval_of
from ecg_monitor.ward.shift.record import standbys
from ecg_monitor.ward.shift.report import ShiftData, UnitShift, unit_shift
from ecg_monitor.ward.shift.stretches import stretches
from ecg_monitor.ward.trends.kept import TimedMinute
from ecg_monitor.ward.trends.minute import Minute

T0 = 1_700_000_000.0
SHIFT = Interval(T0, T0 + 8 * 3600)
AF = next(iter(BURDENS))
OTHER = next(kind for kind in KINDS if kind not in BURDENS)
NOW = T0 + 9 * 3600


def raised(at: float, device: str = "b1", **more: Any) -> dict[str, Any]:
    row = {
        "id": f"{device}/x/{OTHER}/{at}", "device": device, "kind": OTHER, "priority": "high",
        "onset_at": at, "raised_at": at, "cleared_at": at + 60, "acked_at": None, "reason": None,
        "reason_text": None, "reason_by": None, "reason_at": None,
    }  # fmt: skip
    return row | more


def minute(at: float, v: int = 0, **more: Any) -> TimedMinute:
    fields: dict[str, Any] = {
        "boot": "x", "number": int(at - T0) // 60, "fs": 250.0, "heart_rate": (70.0, 60.0, 80.0),
        "counts": (60, 0, v, 0, 0), "anomaly": None, "unusual": 0, "quality": (60, 0, 0, 0),
        "af_s": 0, "st_mv": {}, "qrs_ms": None, "qtc_ms": None,
    }  # fmt: skip
    return TimedMinute(at, Minute(**(fields | more)))


def entry(
    what: ChangeKind, at: float, device: str, stay: str, other: str = "", **more: Any
) -> Entry:
    return Entry(what, "N. N.", at, device, 1, stay=stay, patient=stay, other=other, **more)


def bed(stay: str, name: str) -> Bed:
    return Bed(1, "N. N.", T0, Admission(stay, stay, name, "adult", T0 - 9e5, "N. N."))


def report(entries: list[Entry], beds: dict[str, Bed], rows: Any, devices: set[str]) -> UnitShift:
    found = stretches(entries, beds, devices, SHIFT)
    minutes = [
        [minute(leg.since + 60 * i, v=1) for leg in one.legs for i in range(3)] for one in found
    ]
    kept = ShiftData(rows, minutes, [None] * len(found), entries, [])
    return unit_shift(found, kept, devices, SHIFT)


def test_the_past_follows_a_patient_who_came_and_ends_when_they_leave_the_unit() -> None:
    entries = [
        entry(ChangeKind.LEFT, T0 + 600, "er-1", "s1", "b1"),
        entry(
            ChangeKind.ARRIVED, T0 + 600, "b1", "s1", "er-1", changes=(Change("name", None, "Ada"),)
        ),
        entry(ChangeKind.LEFT, T0 + 3000, "b1", "s1", "er-2"),
        entry(ChangeKind.ARRIVED, T0 + 3000, "er-2", "s1", "b1"),
    ]
    (mine, empty) = stretches(entries, {}, {"b1"}, SHIFT)
    if mine.stay == "":
        mine, empty = empty, mine
    assert [(leg.device, leg.since - T0, leg.until - T0) for leg in mine.legs] == [
        ("er-1", 0, 600), ("b1", 600, 3000),
    ]  # fmt: skip
    assert (mine.name, mine.device) == ("Ada", "b1")
    assert [(move.what, move.other) for move in mine.moves] == [
        ("left", "b1"), ("arrived", "er-1"), ("left", "er-2"),
    ]  # fmt: skip
    assert [(leg.since - T0, leg.until - T0) for leg in empty.legs] == [
        (0, 600), (3000, 8 * 3600),
    ]  # fmt: skip


def test_who_has_been_there_all_along_has_no_entry() -> None:
    (one,) = stretches([], {"b1": bed("s1", "Ada")}, {"b1"}, SHIFT)
    assert (one.stay, one.name, one.length_s) == ("s1", "Ada", 8 * 3600)
    left = [
        entry(ChangeKind.DISCHARGED, NOW - 1, "b1", "s1", changes=(Change("name", "Ada", None),))
    ]
    (one,) = stretches(left, {}, {"b1"}, SHIFT)
    assert (one.stay, one.name, one.moves) == ("s1", "Ada", ()), "discharged after the shift"


def test_a_bed_without_anybody_and_an_empty_unit() -> None:
    assert report([], {}, [], set()) == UnitShift(
        0, 0, alarm_figures([], SHIFT), 0, 0.0, None, (), ()
    )
    (row,) = stretches([], {}, {"b1"}, SHIFT)
    kept = ShiftData([], [[]], [None], [], [])
    found = unit_shift([row], kept, {"b1"}, SHIFT)
    assert (found.rows[0].heart.no_data_s, found.patients) == (8 * 3600, 0), "it is said"


@pytest.mark.parametrize(("minutes", "rate"), [(0, None), (59, None), (60, 1.5), (120, 0.75)])
def test_minutes_do_not_speak_for_an_hour(minutes: int, rate: float | None) -> None:
    found = stretches([], {}, {"b1", "b2", "b3"}, SHIFT)
    told = {"b1": minutes, "b2": minutes, "b3": 0}  # nothing came from the third
    rows = [raised(T0 + 60 * i, device) for i, device in enumerate(("b1", "b1", "b2"))]
    kept = ShiftData(
        rows,
        [[minute(T0 + 60 * i) for i in range(told[one.device])] for one in found],
        [None] * len(found),
        [],
        [],
    )
    assert unit_shift(found, kept, set(told), SHIFT).alarms_per_hour == rate


def test_figures_of_alarms() -> None:
    rows = [
        raised(T0 - 30), raised(T0 - 300),
        raised(T0 + 10, acked_at=T0 + 30, reason="artefact", reason_text="T wave",
               reason_by="Ann", reason_at=T0 + 31),
        raised(T0 + 20, acked_at=T0 + 60, cleared_at=None),
        raised(T0 + 7 * 3600, kind=AF, priority="low", acked_at=NOW),
        raised(NOW),
    ]  # fmt: skip
    found = alarm_figures(rows, SHIFT)
    assert (found.count, found.carried, found.acknowledged) == (3, 1, 2)
    assert (found.median_ack_s, found.slowest_ack_s) == (30.0, 40.0)
    assert [(one.kind, one.count) for one in found.kinds] == [(OTHER, 2), (AF, 1)]
    assert found.kinds[0].longest_s == 8 * 3600 - 20, "one that goes on lasts to the end"
    assert (found.reasons, found.words[0].text) == ({"artefact": 1}, "T wave")
    assert found.hours == (2, 0, 0, 0, 0, 0, 0, 1)


def test_figures_of_the_heart() -> None:
    minutes = [
        minute(T0, v=6, heart_rate=(60.0, 50.0, 70.0), st_mv={"II": 0.1}),
        minute(T0 + 60, quality=(0, 0, 20, 10), heart_rate=None, st_mv={"II": 0.3}),
        minute(T0 + 7200, v=3, af_s=30, heart_rate=(90.0, 80.0, 140.0), quality=(60, 60, 0, 0)),
    ]
    found = heart_figures(minutes, 8 * 3600, SHIFT)
    assert (found.monitored_s, found.no_data_s) == (210, 8 * 3600 - 210)
    assert found.rate_mean_bpm == pytest.approx((60 + 2 * 90) / 3)
    assert (found.rate_low, found.rate_high) == (Extreme(50.0, T0), Extreme(140.0, T0 + 7200))
    assert (found.pvc_per_hour, found.af_s) == (180.0, 30)
    assert [one.count for one in found.pvc_hours] == [6, 0, 3, 0, 0, 0, 0, 0]
    assert (found.pvc_hours[0].per_hour, found.pvc_hours[2].per_hour) == (None, 90.0)
    assert [(one.lead, one.median_mv, one.low_mv, one.high_mv) for one in found.st] == [
        ("II", 0.2, 0.1, 0.3)
    ]


def test_standbys_are_cut_by_the_shift_and_by_the_next_one() -> None:
    def told(seq: int, at: float, **more: Any) -> AlertEntry:
        one = Standby("N. N.", at, at + 1800, seq, "imaging", **more)
        return AlertEntry(AlertWhat.STANDBY, "N. N.", at, "b1", standby=one)

    entries = [
        told(1, T0 - 600, ended_at=T0 + 300, ended="person"), told(1, T0 - 600),
        told(2, T0 + 1000), told(3, T0 + 1100),
    ]  # fmt: skip
    found = standbys(entries, SHIFT, NOW)
    assert [(one.since - T0, one.until - T0) for one in found] == [
        (0, 300), (1000, 1100), (1100, 2900),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((NOW + 10, None), "future"),
        ((T0, T0 - 1), "after its end"),
        ((T0, T0 + 1), "a minute"),
        ((0.0, NOW), "24 hours"),
        ((float("nan"), None), "from"),
        ((T0, float("inf")), "to"),
    ],
)
def test_what_is_no_shift(asked: tuple[Any, Any], words: str) -> None:
    with pytest.raises(RequestError) as error:
        interval_of(*asked, NOW)
    assert words in str(error.value)


def test_a_shift_that_goes_on_ends_now() -> None:
    assert interval_of(None, None, NOW) == Interval(NOW - 12 * 3600, NOW)
    assert interval_of(NOW - 60, NOW + 3600, NOW) == Interval(NOW - 60, NOW)
    assert interval_of(NOW - LONGEST_S, None, NOW).length_s == LONGEST_S
    assert interval_of(None, 100.0, NOW) == Interval(0.0, 100.0), "no time lies before the epoch"


AT = st.floats(T0 - 3600, NOW).map(lambda at: round(at, 1))
DEVICES = ("b1", "b2", "er-1")
STAYS = ("s1", "s2")


@st.composite
def histories(draw: Any) -> tuple[list[Entry], list[dict[str, Any]]]:
    """Patients who come, go and are transferred, and alarms at any time."""
    where: dict[str, str] = {}
    entries = []
    for at in sorted(draw(st.lists(AT.filter(lambda at: at >= T0), max_size=8))):
        stay = draw(st.sampled_from(STAYS))
        free = [one for one in DEVICES if one not in where.values()]
        if stay not in where:
            where[stay] = draw(st.sampled_from(free))
            entries.append(entry(ChangeKind.ADMITTED, at, where[stay], stay))
        elif draw(st.booleans()):
            entries.append(entry(ChangeKind.DISCHARGED, at, where.pop(stay), stay))
        else:
            to = draw(st.sampled_from(free))
            entries.append(entry(ChangeKind.LEFT, at, where[stay], stay, to))
            entries.append(entry(ChangeKind.ARRIVED, at, to, stay, where[stay]))
            where[stay] = to
    rows = draw(
        st.lists(
            st.builds(
                raised,
                AT,
                st.sampled_from(DEVICES),
                kind=st.sampled_from([AF, OTHER]),
                priority=st.sampled_from(["high", "medium", "low", "technical"]),
                cleared_at=st.none() | AT,
                acked_at=st.none() | AT,
                reason=st.none() | st.sampled_from(["", "real"]),
            ),
            max_size=12,
        )
    )
    return entries, rows


@given(histories())
def test_the_parts_sum_up_to_the_whole(history: tuple[list[Entry], list[dict[str, Any]]]) -> None:
    entries, rows = history
    found = report(entries, {}, rows, {"b1", "b2"})
    for figures in (found.alarms, *(row.alarms for row in found.rows)):
        assert sum(figures.priorities.values()) == figures.count
        assert sum(kind.count for kind in figures.kinds) == figures.count
        assert sum(figures.hours) == figures.count
        assert sum(kind.acknowledged for kind in figures.kinds) == figures.acknowledged
        assert sum(figures.reasons.values()) <= figures.count
        assert all(0 <= kind.longest_s <= SHIFT.length_s for kind in figures.kinds)
    assert sum(row.alarms.count for row in found.rows) == found.alarms.count
    assert sum(row.alarms.acknowledged for row in found.rows) == found.alarms.acknowledged
    assert sum(row.heart.monitored_s for row in found.rows) == found.monitored_s
    own = [row for row in rows if row["device"] in ("b1", "b2")]
    inside = [row for row in own if SHIFT.since <= row["raised_at"] < SHIFT.until]
    assert found.alarms.count >= len(inside), "no alarm of the unit is left out"
    for row in found.rows:
        hours = row.heart.pvc_hours
        assert len(hours) == hour_count(SHIFT)
        assert sum(one.count for one in hours) == row.heart.beats["V"]
        assert sum(row.heart.quality.values()) == row.heart.monitored_s
        legs = row.stretch.legs
        assert all(a.until <= b.since for a, b in pairwise(legs))
    for device in ("b1", "b2"):
        times = sum(
            leg.until - leg.since
            for one in stretches(entries, {}, {"b1", "b2", "er-1"}, SHIFT)
            for leg in one.legs
            if leg.device == device
        )
        assert times == pytest.approx(SHIFT.length_s), "every moment of a bed is of one row"


def test_a_changed_limit_is_told_against_the_defaults_that_held_then() -> None:
    """A child is no adult, and who is called an adult later was none before."""
    limit = Change("limits.rate.low_bpm", None, 80)
    entries = [
        entry(
            ChangeKind.ADMITTED,
            T0 + 60,
            "b1",
            "s1",
            changes=(Change("category", None, "neonatal"),),
        ),
        entry(ChangeKind.CHANGED, T0 + 120, "b1", "s1", changes=(limit,)),
        entry(
            ChangeKind.CHANGED,
            T0 + 180,
            "b1",
            "s1",
            changes=(Change("category", "neonatal", "adult"),),
        ),
        entry(ChangeKind.CHANGED, T0 + 240, "b1", "s1", changes=(limit,)),
        entry(
            ChangeKind.CHANGED,
            NOW - 60,
            "b1",
            "s1",
            changes=(Change("category", "adult", "paediatric"),),
        ),
        entry(ChangeKind.CHANGED, T0 + 300, "b2", "", changes=(limit,)),
        entry(ChangeKind.CHANGED, T0 + 300, "b3", "", changes=(limit,)),
    ]
    child = Bed(1, "N. N.", T0, own=BedLimits("paediatric"))
    admitted = replace(
        bed("s1", "Ada"), admission=Admission("s1", "s1", "Ada", "paediatric", T0, "")
    )
    beds = {"b1": admitted, "b2": child, "b3": Bed()}
    rows = {
        row.stretch.device: row
        for row in report(entries, beds, [], {"b1", "b2", "b3"}).rows
        if row.changes
    }
    assert [(one.field, one.category) for one in rows["b1"].changes] == [
        ("limits.rate.low_bpm", "neonatal"), ("category", "neonatal"),
        ("limits.rate.low_bpm", "adult"),
    ]  # fmt: skip
    assert [one.category for one in rows["b2"].changes] == ["paediatric"]
    assert [one.category for one in rows["b3"].changes] == ["adult"]
