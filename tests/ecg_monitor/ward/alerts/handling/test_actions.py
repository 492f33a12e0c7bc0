"""What staff do, on a real Redis: atomic, repeatable, and no update is ever lost."""

from __future__ import annotations

import asyncio
import random
import time

import orjson
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.store import connect
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.handling import actions
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.overseer import DueMark, due
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.trail import EntryKind

BED = "bed-01"
ASYSTOLE = "bed-01/boot1/asystole/1000"


async def presence(store, identity: str) -> Presence:
    return (await actions.read_board(store, 0)).records[identity].presence


async def folded(store) -> Board:
    board = Board()
    for _, entry in await actions.read_trail(store, 0, page=7):
        board.take(entry)
    return board


async def test_acknowledged_and_cleared_in_either_order(redis_client, detector, alarm):
    await detector.say(alarm())
    outcome = await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
    assert outcome.done == (ASYSTOLE,)
    assert await presence(redis_client, ASYSTOLE) is Presence.ACK
    await detector.say(alarm(present=False))
    assert await presence(redis_client, ASYSTOLE) is Presence.OFF

    other = "bed-01/boot1/asystole/2000"
    await detector.say(alarm(n=2000))
    await detector.say(alarm(n=2000, present=False))
    assert await presence(redis_client, other) is Presence.LATCH
    await actions.acknowledge(redis_client, 0, BED, {other: "high"}, "N. N.")
    assert await presence(redis_client, other) is Presence.OFF
    assert await folded(redis_client) == await actions.read_board(redis_client, 0)


async def test_an_acknowledgement_says_who_and_when_and_counts_once(redis_client, detector, alarm):
    await detector.say(alarm())
    before = time.time()
    for _ in range(3):
        outcome = await actions.acknowledge(
            redis_client, 0, BED, {ASYSTOLE: "high", f"{BED}/b/vt/9": "high"}, 'Ann "Q" Ö'
        )
    assert outcome.already == (ASYSTOLE,)
    assert outcome.unknown == (f"{BED}/b/vt/9",)
    trail = [entry for _, entry in await actions.read_trail(redis_client, 0)]
    assert [entry.what for entry in trail] == [EntryKind.RAISED, EntryKind.ACKNOWLEDGED]
    assert trail[1].who == 'Ann "Q" Ö'
    assert before - 1 <= trail[1].at <= time.time() + 1


async def test_what_was_seen_before_a_rise_is_not_an_acknowledgement_of_it(
    redis_client, detector, alarm
):
    identity = "bed-01/boot1/tachycardia/1000"
    await detector.say(alarm(kind="tachycardia", priority="medium"))
    seen = {identity: "medium"}
    await detector.say(alarm(kind="tachycardia", priority="high"))
    await actions.acknowledge(redis_client, 0, BED, seen, "N. N.")
    assert await presence(redis_client, identity) is Presence.ON
    await actions.acknowledge(redis_client, 0, BED, {identity: "high"}, "N. N.")
    assert await presence(redis_client, identity) is Presence.ACK


async def test_nobody_acknowledges_in_advance(redis_client, detector, alarm):
    identity = "bed-01/boot1/tachycardia/1000"
    await detector.say(alarm(kind="tachycardia", priority="medium"))
    await actions.acknowledge(redis_client, 0, BED, {identity: "high"}, "N. N.")
    await detector.say(alarm(kind="tachycardia", priority="high"))
    assert await presence(redis_client, identity) is Presence.ON


async def test_a_pause_covers_what_was_seen_and_ends(redis_client, detector, alarm):
    await detector.say(alarm())
    now = time.time()
    until = await actions.pause_audio(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.", 120)
    assert until == pytest.approx(now + 120, abs=1)
    await detector.say(alarm(kind="vt", n=1500))
    board = await actions.read_board(redis_client, 0)
    pause = board.pauses[BED]
    vt = board.records["bed-01/boot1/vt/1500"].alert
    asystole = board.records[ASYSTOLE].alert
    assert pause.silences(asystole, now)
    assert not pause.silences(vt, now)
    assert not pause.silences(asystole, until)
    assert board == await folded(redis_client)
    await actions.resume_audio(redis_client, 0, BED, "N. N.")
    board = await actions.read_board(redis_client, 0)
    assert not board.pauses[BED].silences(asystole, now)
    assert board == await folded(redis_client)


@pytest.mark.parametrize("seconds", [0, -1, 120.1, float("inf"), float("nan")])
async def test_no_pause_is_longer_than_two_minutes(redis_client, seconds):
    with pytest.raises(AlertError, match="120"):
        await actions.pause_audio(redis_client, 0, BED, {}, "N. N.", seconds)


@pytest.mark.parametrize("by", ["", " x", "x" * 65, "a\nb"])
async def test_an_act_needs_a_name(redis_client, by):
    with pytest.raises(AlertError, match="by"):
        await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, by)


async def test_alerts_of_another_device_are_refused(redis_client):
    with pytest.raises(AlertError, match="bed-02"):
        await actions.acknowledge(redis_client, 0, "bed-02", {ASYSTOLE: "high"}, "N. N.")
    with pytest.raises(AlertError, match="priority"):
        await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "huge"}, "N. N.")


async def test_marks_are_made_once_however_many_oversee(redis_client, detector, alarm):
    await detector.say(alarm(), now=time.time() - 61)
    board = await actions.read_board(redis_client, 0)
    found = list(due(board, Policy(), time.time()))
    assert [(one.what, one.number) for one in found] == [(EntryKind.ESCALATED, 1)]
    made = await asyncio.gather(*(actions.mark(redis_client, 0, found) for _ in range(8)))
    assert sum(made) == 1
    board = await actions.read_board(redis_client, 0)
    assert list(due(board, Policy(), time.time())) == []
    assert board == await folded(redis_client)


async def test_nothing_escalates_that_was_acknowledged_meanwhile(redis_client, detector, alarm):
    await detector.say(alarm(), now=time.time() - 61)
    found = list(due(await actions.read_board(redis_client, 0), Policy(), time.time()))
    await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
    assert await actions.mark(redis_client, 0, found) == 0
    gone = DueMark("bed-01/boot1/vt/1", BED, EntryKind.ESCALATED, 1, 0.0)
    assert await actions.mark(redis_client, 0, [gone]) == 0


async def test_concurrent_writers_lose_nothing(redis_client, redis_url, detector, alarm):
    """A detector that raises, raises the priority and clears; four who acknowledge and pause."""
    rng = random.Random(7)
    raised: list[str] = []
    stop = asyncio.Event()

    async def detect() -> None:
        for i in range(60):
            kind = f"kind{i}"
            priority = rng.choice(["low", "medium", "high"])
            await detector.say(alarm(kind=kind, priority=priority, n=i), now=time.time())
            raised.append(f"{BED}/boot1/{kind}/{i}")
            if rng.random() < 0.3:
                await detector.say(alarm(kind=kind, priority="high", n=i), now=time.time())
            if rng.random() < 0.7:
                await detector.say(alarm(kind=kind, n=i, present=False), now=time.time())
            await asyncio.sleep(0.002)
        stop.set()

    acked: dict[str, set[str]] = {}

    async def care(name: str, seed: int) -> None:
        mine = random.Random(seed)
        client = connect(redis_url)
        acked[name] = set()
        while not stop.is_set():
            board = await actions.read_board(client, 0)
            shown = [one.alert for one in board.of_device(BED) if one.presence != Presence.OFF]
            seen = {one.id: one.priority for one in shown if mine.random() < 0.4}
            outcome = await actions.acknowledge(client, 0, BED, seen, name)
            acked[name] |= set(outcome.done)
            await actions.pause_audio(client, 0, BED, seen, name, 60)
            await actions.mark(client, 0, list(due(board, Policy(), time.time() + 70)))
        await client.aclose()

    await asyncio.gather(detect(), *(care(f"n{i}", i) for i in range(4)))
    board = await actions.read_board(redis_client, 0)
    assert set(board.records) == set(raised)
    assert board == await folded(redis_client), "the trail and the hashes tell the same"
    for name, record in board.records.items():
        assert record.alert == detector.book.alerts[name], "staff undid what the detector wrote"
        if record.ack is None:
            assert not any(name in mine for mine in acked.values()), "an acknowledgement was lost"
    assert sum(map(len, acked.values())) >= len(raised) // 2
    assert all(name in board.records for mine in acked.values() for name in mine)


async def test_a_reader_may_load_and_follow_in_any_order(redis_client, detector, alarm):
    await detector.say(alarm())
    await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
    board, position = await actions.read_board_at(redis_client, 0)
    trail = await actions.read_trail(redis_client, 0)
    assert position == trail[-1][0]
    for _, entry in reversed(trail):
        board.take(entry)
    assert board == await actions.read_board(redis_client, 0)


async def test_alerts_written_before_handling_existed_are_read(redis_client):
    old = {
        **{"id": ASYSTOLE, "device": BED, "boot": "boot1", "kind": "asystole", "n": 1000},
        **{"priority": "high", "value": 4.0, "limit": 4.0, "present": True},
        **{"onset_at": 1.0, "raised_at": 2.0, "cleared_at": None},
    }
    await redis_client.hset(keys.alerts(0), ASYSTOLE, orjson.dumps(old))
    await redis_client.xadd(keys.alertlog(0), {"j": orjson.dumps(old)})
    board = await actions.read_board(redis_client, 0)
    assert board.records[ASYSTOLE].presence is Presence.ON
    assert board == await folded(redis_client)
    await redis_client.hset(keys.alerts(0), ASYSTOLE, b'{"id": 1}')
    with pytest.raises(AlertError, match="priority"):
        await actions.read_board(redis_client, 0)
