"""Transfers are made whole or not at all, whoever dies on the way, with a real Redis."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.handling.actions import read_board
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.patients import actions, transfer
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.patients.trail import ChangeKind
from tests.support.stays import ONE, SAME, SETTINGS, TWO, admit, audited


@pytest.mark.parametrize("target", [TWO, SAME])
async def test_a_transfer_takes_limits_and_notes_along(desk: PatientDesk, target: str) -> None:
    await admit(desk)
    await desk.change(ONE, "A", limits={"rate": {"high_bpm": 130}})
    await desk.note(ONE, "A", "first")
    before = (await desk.bed(ONE)).admission
    await desk.transfer(ONE, target, "B. Doctor")
    assert (await desk.bed(ONE)).admission is None
    assert (await desk.bed(target)).admission == before
    assert [note.text for note in await desk.notes(target)] == ["first"]
    assert await desk.notes(ONE) == []
    assert await audited(desk, ONE) == ["admitted", "changed", "noted", "leaving", "left"]
    assert await audited(desk, target) == ["arrived"]
    told = [one for one in await desk.trail() if one.transfer]
    assert len({one.transfer for one in told}) == 1
    assert {one.who for one in told} == {"B. Doctor"}


@pytest.mark.parametrize("way", ["admitted", "transferred"])
async def test_who_comes_is_monitored_although_the_bed_was_in_standby(
    desk: PatientDesk, redis_client: Store, way: str
) -> None:
    alerts = Desk(redis_client, SETTINGS)
    await alerts.standby(TWO, "A. Nurse", seconds=900, reason="other")
    if way == "admitted":
        await admit(desk, TWO)
    else:
        await admit(desk)
        await desk.transfer(ONE, TWO, "A. Nurse")
    board = await read_board(redis_client, keys.partition_of(TWO, 4))
    assert (board.standbys[TWO].ended, board.standbys[TWO].ended_by) == ("person", "A. Nurse")


async def test_a_taken_bed_takes_nobody(desk: PatientDesk) -> None:
    await admit(desk)
    await admit(desk, TWO, patient="2")
    with pytest.raises(PatientError, match="bed-02: there is a patient already"):
        await desk.transfer(ONE, TWO, "A")
    with pytest.raises(PatientError, match="there already"):
        await desk.transfer(ONE, ONE, "A")
    assert await audited(desk, ONE) == ["admitted"]


@pytest.mark.parametrize("dies_after", [1, 2])
@pytest.mark.parametrize("target", [TWO, SAME])
async def test_a_transfer_whose_author_dies_is_carried_through(
    desk: PatientDesk,
    ward: transfer.Ward,
    monkeypatch: pytest.MonkeyPatch,
    dies_after: int,
    target: str,
) -> None:
    await admit(desk)
    await desk.note(ONE, "A", "first")
    written = actions.write
    steps = 0

    async def dying(*args: Any, **more: Any) -> Any:
        nonlocal steps
        if steps == dies_after:
            raise asyncio.CancelledError
        steps += 1
        return await written(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(transfer, "write", dying)
        with pytest.raises(asyncio.CancelledError):
            await desk.transfer(ONE, target, "B. Doctor")
    leaving = (await desk.bed(ONE)).leaving
    assert leaving is not None
    with pytest.raises(PatientError, match="being transferred"):
        await desk.note(ONE, "A", "too late")
    seen = await transfer.settle_once(ward, set())
    assert seen == {leaving.transfer}
    assert (await desk.bed(ONE)).leaving == leaving, "its author may still be at it"
    await transfer.settle_once(ward, seen)
    assert await transfer.settle_once(ward, set()) == set()
    assert (await desk.bed(ONE)).admission is None
    assert (await desk.bed(target)).admission.patient == "4711"
    assert [note.text for note in await desk.notes(target)] == ["first"]
    assert await audited(desk, target) == ["arrived"]
    assert (await audited(desk, ONE))[-2:] == ["leaving", "left"]


async def test_whoever_touches_a_bed_that_is_leaving_finishes_the_transfer(
    desk: PatientDesk, ward: transfer.Ward
) -> None:
    old = await admit(desk)
    await transfer.begin(ward, ONE, old, TWO, "B")
    with pytest.raises(PatientError, match="has been transferred to bed-02"):
        await desk.change(ONE, "A", limits={"rate": {"high_bpm": 130}})
    assert (await desk.bed(TWO)).admission is not None
    assert (await desk.bed(ONE)).admission is None


async def test_a_bed_taken_meanwhile_sends_the_patient_back(
    desk: PatientDesk, ward: transfer.Ward
) -> None:
    old = await admit(desk)
    await transfer.begin(ward, ONE, old, TWO, "B")
    await admit(desk, TWO, patient="2")
    await asyncio.gather(*(transfer.settle_once(ward, {leaving}) for leaving in [
        (await desk.bed(ONE)).leaving.transfer]))  # fmt: skip
    bed = await desk.bed(ONE)
    assert (bed.admission, bed.leaving) == (old.admission, None)
    assert await audited(desk, ONE) == ["admitted", "leaving", "stayed"]
    assert (await desk.bed(TWO)).admission.patient == "2"


async def test_a_late_settler_does_not_bring_a_discharged_patient_back(
    desk: PatientDesk, ward: transfer.Ward
) -> None:
    old = await admit(desk)
    await transfer.begin(ward, ONE, old, TWO, "B")
    leaving = await desk.bed(ONE)
    await transfer.finish(ward, ONE)
    await desk.discharge(TWO, "B")
    # As if the last step had been lost: the source still says that it is leaving.
    emptied = await desk.bed(ONE)
    await actions.write(
        ward.store, keys.partition_of(ONE, 4), ONE, emptied, leaving, ChangeKind.LEAVING
    )
    await transfer.finish(ward, ONE)
    assert (await desk.bed(TWO)).admission is None
    assert (await desk.bed(ONE)).admission is None


async def test_many_settlers_at_once_agree(desk: PatientDesk, ward: transfer.Ward) -> None:
    old = await admit(desk)
    await transfer.begin(ward, ONE, old, TWO, "B")
    await asyncio.gather(*(transfer.finish(ward, ONE) for _ in range(6)))
    assert await audited(desk, TWO) == ["arrived"]
    assert await audited(desk, ONE) == ["admitted", "leaving", "left"]
