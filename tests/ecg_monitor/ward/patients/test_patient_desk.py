"""Admitting, changing and discharging, with a real Redis behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.store import Store
from ecg_monitor.ward.patients import actions
from ecg_monitor.ward.patients.desk import PatientDesk, limits_in_force
from ecg_monitor.ward.patients.model import Bed
from tests.support.stays import ONE, SAME, TWO, admit, audited


async def test_a_stay_from_admission_to_discharge(desk: PatientDesk) -> None:
    assert await desk.bed(ONE) == await desk.bed(TWO)
    bed = await admit(desk, category="neonatal")
    assert (bed.admission.name, bed.admission.category, bed.version) == ("Ada L.", "neonatal", 1)
    assert limits_in_force(desk.book, ONE, bed).rate.high_bpm == 200
    bed = await desk.change(
        ONE, "B. Doctor", limits={"rate": {"high_bpm": 190}}, alarms={"couplet": "off"},
        version=bed.version,
    )  # fmt: skip
    limits = limits_in_force(desk.book, ONE, await desk.bed(ONE))
    assert (limits.rate.high_bpm, limits.rate.low_bpm) == (190, 100)
    assert "couplet" not in limits.priorities
    await desk.note(ONE, "A. Nurse", "  restless\nsince noon ")
    assert [(note.text, note.by) for note in await desk.notes(ONE)] == [
        ("restless\nsince noon", "A. Nurse")
    ]
    await desk.discharge(ONE, "A. Nurse")
    assert (await desk.bed(ONE)).admission is None
    assert await desk.notes(ONE) == []
    assert limits_in_force(desk.book, ONE, await desk.bed(ONE)) == desk.book.of(ONE)
    assert await audited(desk, ONE) == ["admitted", "changed", "noted", "discharged"]
    told = (await desk.trail(ONE))[1]
    assert [(one.field, one.old, one.new) for one in told.changes] == [
        ("alarms.couplet", None, "off"),
        ("limits.rate.high_bpm", None, 190),
    ]
    assert (told.who, told.patient) == ("B. Doctor", "4711")
    assert (await desk.trail(ONE))[2].text == "restless\nsince noon"


async def test_limits_of_a_bed_end_with_an_admission_and_with_its_discharge(
    desk: PatientDesk,
) -> None:
    """They are of whoever wears the electrodes now, and an admission says that this has changed."""
    bed = await desk.change(
        ONE, "A. Nurse", category="neonatal", limits={"rate": {"high_bpm": 190}},
        alarms={"couplet": "off"}, version=0,
    )  # fmt: skip
    assert not bed.is_vacated  # it goes on believing the name that its device tells
    limits = limits_in_force(desk.book, ONE, await desk.bed(ONE))
    assert (limits.rate.high_bpm, limits.rate.low_bpm) == (190, 100)
    assert "couplet" not in limits.priorities
    await admit(desk)
    limits = limits_in_force(desk.book, ONE, await desk.bed(ONE))
    assert (limits.rate.high_bpm, "couplet" in limits.priorities) == (120, True)
    await desk.discharge(ONE, "A. Nurse")
    assert (await desk.bed(ONE)).is_vacated
    assert limits_in_force(desk.book, ONE, await desk.bed(ONE)) == desk.book.of(ONE)
    bed = await desk.change(ONE, "A. Nurse", alarms={"couplet": "off"})
    assert bed.is_vacated
    bed = await desk.change(ONE, "A. Nurse", alarms={})
    assert bed.is_vacated
    told = await desk.trail(ONE)
    ended = [(one.field, one.old) for one in told[1].changes if one.new is None]
    assert ended == [("alarms.couplet", "off"), ("limits.rate.high_bpm", 190)]
    assert await audited(desk, ONE) == ["changed", "admitted", "discharged", "changed", "changed"]


async def test_limits_of_a_bed_do_not_hold_for_who_is_transferred_to_it(desk: PatientDesk) -> None:
    await desk.change(TWO, "A. Nurse", alarms={"couplet": "off"})
    await admit(desk)
    await desk.transfer(ONE, TWO, "A. Nurse")
    bed = await desk.bed(TWO)
    assert (bed.own, bed.admission.alarms) == (None, {})
    assert await audited(desk, TWO) == ["changed", "arrived"]


async def test_a_bed_gets_a_name_and_a_place_and_keeps_them(
    desk: PatientDesk, redis_client: Store
) -> None:
    bed = await desk.name_bed(ONE, "A. Nurse", label=" Bay 3 ", place=2, version=0)
    assert (bed.label, bed.place, bed.is_vacated) == ("Bay 3", 2, False)
    await admit(desk)
    await desk.discharge(ONE, "A. Nurse")
    bed = await desk.bed(ONE)
    assert (bed.label, bed.place, bed.is_vacated) == ("Bay 3", 2, True)
    assert await audited(desk, ONE) == ["named", "admitted", "discharged"]
    with pytest.raises(PatientError, match=r"A\. Nurse has changed this bed"):
        await desk.name_bed(ONE, "B", label="Bay 4", place=2, version=0)


@pytest.mark.parametrize(
    ("label", "place", "told"),
    [
        ("  ", None, "label must have 1 to 24 characters, got 0"),
        ("x" * 25, None, "got 25"),
        ("a\nb", None, "printable"),
        (5, None, "label must be a text"),
        ("bay 3", None, f"{TWO} has this name already"),
        ("BED 12", None, f"{SAME} has this name already"),
        (TWO + "x", 0, "place must be a whole number 1 .. 9999"),
        (TWO + "x", True, "place must be a whole number"),
        (TWO + "x", 1.5, "place must be a whole number"),
    ],
)
async def test_names_that_beds_cannot_have(
    desk: PatientDesk, redis_client: Store, label: Any, place: Any, told: str
) -> None:
    await desk.name_bed(TWO, "A", label="Bay 3", place=None)
    partition = keys.partition_of(SAME, 4)
    await redis_client.hset(keys.devices(partition), SAME, b'{"meta":{"label":"Bed 12"}}')
    with pytest.raises(PatientError) as caught:
        await desk.name_bed(ONE, "A. Nurse", label=label, place=place)
    assert told in str(caught.value)
    assert await desk.bed(ONE) == Bed()


async def test_wrong_limits_of_a_bed_are_told(desk: PatientDesk) -> None:
    with pytest.raises(PatientError, match=r"must be 10 \.\. 300"):
        await desk.change(ONE, "A", limits={"rate": {"high_bpm": 900}})
    with pytest.raises(PatientError, match="must keep"):
        await desk.change(ONE, "A", limits={"rate": {"high_bpm": 40}})
    with pytest.raises(PatientError, match="must stay high"):
        await desk.change(ONE, "A", alarms={"vf": "off"})
    with pytest.raises(PatientError, match="no patient"):
        await desk.change(ONE, "A", name="Ada")
    assert await desk.bed(ONE) == Bed()


async def test_who_comes_second_is_told_who_was_first(desk: PatientDesk) -> None:
    seen = (await admit(desk)).version
    await desk.change(ONE, "B. Doctor", limits={"rate": {"high_bpm": 130}}, version=seen)
    with pytest.raises(PatientError, match=r"B\. Doctor has changed this bed"):
        await desk.change(ONE, "A. Nurse", limits={"rate": {"high_bpm": 125}}, version=seen)
    assert (await desk.bed(ONE)).admission.limits == {"rate": {"high_bpm": 130}}
    await desk.discharge(ONE, "C. Clerk")
    with pytest.raises(PatientError, match=r"C\. Clerk has changed this bed"):
        await admit(desk, version=seen)


async def test_a_page_of_a_former_stay_cannot_change_the_next(desk: PatientDesk) -> None:
    seen = (await admit(desk)).version
    stay = (await desk.bed(ONE)).admission.stay
    await desk.discharge(ONE, "A. Nurse")
    await admit(desk, patient="9")
    with pytest.raises(PatientError, match="meanwhile"):
        await desk.change(ONE, "B", limits={}, version=seen)
    with pytest.raises(PatientError, match="no longer at this bed"):
        await desk.note(ONE, "B", "about someone else", stay=stay)


async def test_of_many_at_once_one_wins(desk: PatientDesk) -> None:
    seen = (await admit(desk)).version
    tries = [
        desk.change(ONE, f"nurse {i}", limits={"rate": {"high_bpm": 121 + i}}, version=seen)
        for i in range(8)
    ]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    won = [one for one in outcomes if not isinstance(one, BaseException)]
    assert len(won) == 1
    assert all(isinstance(one, PatientError) for one in outcomes if one is not won[0])
    assert await desk.bed(ONE) == won[0]
    assert await audited(desk, ONE) == ["admitted", "changed"]


async def test_the_same_again_is_no_change(desk: PatientDesk) -> None:
    await admit(desk)
    first = await desk.change(ONE, "A", limits={"rate": {"high_bpm": 130}})
    assert await desk.change(ONE, "B", limits={"rate": {"high_bpm": 130}, "af": {}}) == first
    assert await audited(desk, ONE) == ["admitted", "changed"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"limits": {"rate": {"low_bpm": 500}}}, r"^rate\.low_bpm must be 10 \.\. 300, got 500"),
        ({"limits": {"rate": {"low_bpm": 130}}}, r"^rate must keep extreme_low_bpm <= low_bpm"),
        ({"limits": {"rate": {"low_bmp": 50}}}, r"^rate\.low_bmp is not known; did you mean"),
        ({"limits": {"rate": 3}}, r"^rate must be a table"),
        ({"alarms": {"asystole": "off"}}, r"^alarms\.asystole must stay high: it saves lives"),
        ({"alarms": {"leadoff": "off"}}, r"^alarms\.leadoff must stay technical"),
        ({"alarms": {"af": "loud"}}, r"^alarms\.af must be one of"),
        ({"category": "old"}, r"category must be one of adult"),
        ({"name": "x" * 81}, r"name must have 0 to 80 characters"),
        ({"name": "a\x07"}, r"name must have printable"),
    ],
)
async def test_what_a_file_may_not_say_nobody_may_set(
    desk: PatientDesk, fields: dict[str, Any], told: str
) -> None:
    await admit(desk)
    with pytest.raises(PatientError, match=told):
        await desk.change(ONE, "A", **fields)
    assert await audited(desk, ONE) == ["admitted"]


async def test_all_mistakes_are_told_at_once(desk: PatientDesk) -> None:
    await admit(desk)
    limits = {"rate": {"low_bpm": 500, "high_bpm": 5}}
    changes, problems = await desk.preview(ONE, limits=limits, alarms={"vf": "low"})
    assert changes == ()
    assert [one.field for one in problems] == ["rate.low_bpm", "rate.high_bpm", "alarms.vf"]
    changes, problems = await desk.preview(ONE, limits={"rate": {"high_bpm": 125.0}})
    assert [(one.field, one.new) for one in changes] == [("limits.rate.high_bpm", 125.0)]
    assert problems == []
    assert await audited(desk, ONE) == ["admitted"]


async def test_mistakes_of_the_caller(desk: PatientDesk) -> None:
    with pytest.raises(PatientError, match="no patient"):
        await desk.discharge(ONE, "A")
    with pytest.raises(PatientError, match="no patient"):
        await desk.note(ONE, "A", "x")
    with pytest.raises(PatientError, match="device id"):
        await admit(desk, "a b")
    with pytest.raises(PatientError, match="patient must have 1 to 64"):
        await admit(desk, patient=" ")
    await admit(desk)
    with pytest.raises(PatientError, match="patient already"):
        await admit(desk)
    with pytest.raises(PatientError, match="by must have"):
        await desk.discharge(ONE, "")
    with pytest.raises(PatientError, match="text must have 1 to 2000"):
        await desk.note(ONE, "A", "x" * 2001)


async def test_notes_of_a_stay_are_bounded(
    desk: PatientDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MAX_NOTES", 2)
    await admit(desk)
    await desk.note(ONE, "A", "1")
    await desk.note(ONE, "A", "2")
    with pytest.raises(PatientError, match="2 notes already"):
        await desk.note(ONE, "A", "3")
