"""State and trail survive kill -9 of Redis in the middle of staff's and the detector's writes."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ecg_monitor.alerts import actions
from ecg_monitor.alerts.board import Board
from ecg_monitor.services.start import start_redis
from ecg_monitor.settings import Settings
from ecg_monitor.store import StoreError, connect

BED = "bed-01"


async def test_what_was_answered_is_there_after_redis_was_killed(tmp_path, detector, alarm):
    settings = Settings(state=str(tmp_path), partitions=1)
    service = start_redis(settings)
    client = Redis.from_url(service.url, retry=Retry(NoBackoff(), 0))
    detector.store = client
    acked: list[str] = []
    raised: list[str] = []

    async def write() -> None:
        for n in range(100_000):
            identity = f"{BED}/boot1/asystole/{n}"
            await detector.say(alarm(n=n))
            raised.append(identity)
            await actions.acknowledge(client, 0, BED, {identity: "high"}, "N. N.")
            acked.append(identity)
            await actions.pause_audio(client, 0, BED, {identity: "high"}, "N. N.")

    async def kill() -> None:
        await asyncio.sleep(0.3)
        assert service.process is not None
        service.process.kill()
        service.process.wait()

    writing = asyncio.create_task(write())
    await kill()
    writing.cancel()
    await asyncio.wait([writing])
    assert writing.cancelled() or isinstance(writing.exception(), StoreError)
    await client.aclose()
    assert len(acked) > 10

    service = start_redis(settings)
    client = connect(service.url)
    board = await actions.read_board(client, 0)
    folded = Board()
    for _, entry in await actions.read_trail(client, 0):
        folded.take(entry)
    await client.aclose()
    service.stop()
    assert folded == board, "each call is there whole or not at all"
    assert set(raised) <= board.records.keys()
    assert all(board.records[name].acknowledged for name in acked)
