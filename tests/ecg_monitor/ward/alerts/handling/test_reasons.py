"""Why an alert came: said after the acknowledgement, by whoever gave it, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.exchange.messages import device_state
from ecg_monitor.ward.alerts.handling import actions
from ecg_monitor.ward.alerts.handling.reason_actions import ReasonOutcome, give_reason
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.reasons import MAX_TEXT, AckReason, GivenReason
from ecg_monitor.ward.alerts.trail import Entry, EntryKind, from_fields

BED = "bed-01"
ASYSTOLE = "bed-01/boot1/asystole/1000"
GONE = "bed-01/boot1/vt/9"


async def said(
    store: Any, reason: str = "artefact", text: str = "", by: str = "N. N."
) -> ReasonOutcome:
    return await give_reason(store, 0, BED, [ASYSTOLE, GONE], by, reason, text)


async def reason(store: Any) -> GivenReason | None:
    return (await actions.read_board(store, 0)).records[ASYSTOLE].reason


async def whats(store: Any) -> list[EntryKind]:
    return [entry.what for _, entry in await actions.read_trail(store, 0)]


async def test_it_takes_an_acknowledgement_and_is_kept_with_who_and_when(
    redis_client, detector, alarm
):
    await detector.say(alarm())
    outcome = await said(redis_client)
    assert outcome == ReasonOutcome((), (), (ASYSTOLE,), (GONE,))
    assert await reason(redis_client) is None
    await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "Ann")
    outcome = await said(redis_client, text='T wave, "V1" é')
    assert (outcome.done, outcome.unknown) == ((ASYSTOLE,), (GONE,))
    given = await reason(redis_client)
    assert given is not None
    assert (given.by, given.seq, given.reason) == ("N. N.", 1, "artefact")
    assert given.text == 'T wave, "V1" é'
    board = await actions.read_board(redis_client, 0)
    shown = device_state(board, BED, Policy(), given.at)["alerts"][0]
    assert (shown["acked_by"], shown["reason"], shown["reason_by"]) == ("Ann", "artefact", "N. N.")
    assert (shown["reason_at"], shown["reason_text"]) == (given.at, given.text)


async def test_it_is_on_record_once_and_a_later_one_holds(redis_client, detector, alarm):
    await detector.say(alarm())
    await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
    outcomes = await asyncio.gather(*(said(redis_client) for _ in range(4)))
    assert sum(len(one.done) for one in outcomes) == 1
    await said(redis_client, "real")
    await said(redis_client, "real", by="Else")
    assert (await whats(redis_client))[2:] == 3 * [EntryKind.REASON_GIVEN]
    given = await reason(redis_client)
    assert given is not None
    assert (given.seq, given.reason, given.by) == (3, "real", "Else")
    board = Board()
    trail = [entry for _, entry in await actions.read_trail(redis_client, 0)]
    for entry in [*reversed(trail), *trail]:
        board.take(entry)
    assert board == await actions.read_board(redis_client, 0)


async def test_an_alarm_that_has_just_ended_still_takes_one(redis_client, detector, alarm):
    await detector.say(alarm())
    await detector.say(alarm(present=False))
    await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
    assert (await said(redis_client, "known")).done == (ASYSTOLE,)
    await redis_client.hdel(keys.acts(0), *actions.act_fields(ASYSTOLE))
    assert await redis_client.hlen(keys.acts(0)) == 0, "it goes with its alert"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("boredom", ""), "real, artefact, care, known"),
        ((None, ""), "reason"),
        (("", ""), "give a reason"),
        (("", "  "), "give a reason"),
        (("real", "x" * (MAX_TEXT + 1)), str(MAX_TEXT)),
        (("real", "two\nlines"), "one line"),
        (("real", 7), "text must be a text"),
    ],
)
async def test_what_is_no_reason(redis_client, given, words):
    with pytest.raises(AlertError) as error:
        await said(redis_client, *given)
    assert words in str(error.value)


async def test_of_one_device_and_by_somebody(redis_client):
    with pytest.raises(AlertError, match="bed-02"):
        await give_reason(redis_client, 0, "bed-02", [ASYSTOLE], "N. N.", "real", "")
    with pytest.raises(AlertError, match="by"):
        await said(redis_client, by="")


def test_the_entry_comes_back_as_it_was_written() -> None:
    for one in AckReason:
        entry = Entry(EntryKind.REASON_GIVEN, "N. N.", 5.0, BED, number=2, reason=one, text="a")
        fields = {name.encode(): value for name, value in entry.to_fields().items()}
        assert from_fields(fields) == entry
