"""The cursor: nothing is skipped, and what is lost is told."""

from __future__ import annotations

import logging
import time

from ecg_monitor.core import keys
from ecg_monitor.ward.alerts.board import Board
from gateway.deliver import follow, publish
from gateway.deliver.follow import READ_COUNT, Follower


async def read(follower: Follower) -> list[int]:
    return [entry.alert.n async for _, entry in follower.read(block_ms=1)]


async def test_without_save_it_comes_again(redis_client, detector, alarm):
    for n in range(3):
        await detector.say(alarm(n=n), now=time.time())
    assert await read(await Follower.open(redis_client, 0, "a")) == [0, 1, 2]
    follower = await Follower.open(redis_client, 0, "a")
    assert await read(follower) == [0, 1, 2]
    await follower.save()
    await detector.say(alarm(n=3), now=time.time())
    assert await read(await Follower.open(redis_client, 0, "a")) == [3]
    assert await read(await Follower.open(redis_client, 0, "b")) == [0, 1, 2, 3], "its own cursor"


async def test_a_reader_that_stops_half_way_keeps_its_place(redis_client, detector, alarm):
    for n in range(3):
        await detector.say(alarm(n=n), now=time.time())
    follower = await Follower.open(redis_client, 0, "a")
    async for _, entry in follower.read(block_ms=1):
        if entry.alert.n == 1:
            break
    assert await read(follower) == [1, 2], "what was not finished comes again"


async def test_an_unreadable_entry_is_skipped(redis_client, detector, alarm, caplog):
    await redis_client.xadd(keys.alertlog(0), {"e": "rubbish"})
    await detector.say(alarm(n=7), now=time.time())
    with caplog.at_level(logging.ERROR):
        assert await read(await Follower.open(redis_client, 0, "a")) == [7]
    assert "skipped entry" in caplog.text


async def test_a_loss_is_told(redis_client, detector, alarm, caplog, monkeypatch):
    monkeypatch.setattr(follow, "LOG_LENGTH", 2)
    await redis_client.hset(keys.cursors(0), "a", "1-0")
    for n in range(3):
        await detector.say(alarm(n=n), now=time.time())
    with caplog.at_level(logging.WARNING):
        await Follower.open(redis_client, 0, "a")
    assert "changes are gone" in caplog.text


async def test_the_overseer_is_not_held_up_by_a_burst_of_changes(redis_client, detector, alarm):
    follower = Follower(redis_client, 0, "overseer", "0-0")
    count = 2 * READ_COUNT + 50
    for n in range(count):
        await detector.say(alarm(n=n))
    board = await publish.follow_changes(follower, Board())
    assert len(board.records) == count
