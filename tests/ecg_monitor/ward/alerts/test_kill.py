"""State and trail survive kill -9 of Redis, delivery survives kill -9 of its process."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import orjson
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import StoreError, connect
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.handling import actions
from tests.support.waiting import PATIENCE_S, allowed_s, until

BED = "bed-01"


def has_got_more_than(receiver, count):
    return len(receiver.got) > count


async def test_what_was_answered_is_there_after_redis_was_killed(tmp_path, detector, alarm):
    settings = Settings(state=str(tmp_path), partitions=1)
    service = start_redis(settings)
    client = Redis.from_url(service.url, retry=Retry(NoBackoff(), 0))
    # A busy disk makes the server hold back writes that it has confirmed, while it syncs.
    await client.config_set("appendfsync", "no")
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
        await until(lambda: len(acked) >= 50)
        assert service.process is not None
        service.process.kill()
        service.process.wait()

    writing = asyncio.create_task(write())
    await kill()
    writing.cancel()
    await asyncio.wait([writing])
    assert writing.cancelled() or isinstance(writing.exception(), StoreError)
    await client.aclose()

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


async def test_a_malformed_value_stops_its_partition_alone(
    redis_client, redis_url, broker_url, detector, alarm, receiver, start_deliver
):
    settings = Settings(
        partitions=2, redis_url=redis_url, mqtt_url=broker_url, webhook_url=receiver.url
    )
    await redis_client.hset(keys.alerts(1), "of another version", "rubbish")
    await detector.say(alarm(), now=time.time())
    async with mqtt.connect(broker_url) as client, asyncio.timeout(allowed_s(PATIENCE_S)):
        await client.subscribe(keys.alert_topic(BED), qos=1)
        process = start_deliver(settings)
        async for message in client.messages:
            told = orjson.loads(message.payload)
            if told["event"] is not None and told["alerts"] and not message.retain:
                break
        while not receiver.got:
            await asyncio.sleep(0.02)
    assert receiver.whats[0] == "raised"
    assert process.poll() is None


async def test_a_process_killed_again_and_again_delivers_every_change(
    redis_client, redis_url, broker_url, detector, alarm, receiver, start_deliver
):
    settings = Settings(
        partitions=1, redis_url=redis_url, mqtt_url=broker_url, webhook_url=receiver.url
    )
    receiver.answers = [503]
    wanted = []
    for round_ in range(3):
        process = start_deliver(settings)
        for i in range(5):
            n = 100 * round_ + i
            wanted.append(n)
            await detector.say(alarm(n=n), now=time.time() - 59)
            await asyncio.sleep(0.05)
        await until(partial(has_got_more_than, receiver, 5 * round_))
        process.kill()
        process.wait()
    process = start_deliver(settings)

    def seen(what: str) -> set[int]:
        told = [orjson.loads(body) for _, body in receiver.got]
        return {one["alert"]["n"] for one in told if one["event"]["what"] == what}

    await until(lambda: seen("raised") == seen("escalated") == set(wanted))
    process.terminate()
    assert await asyncio.to_thread(process.wait, 30) == 0
    assert seen("raised") == set(wanted)
    assert seen("escalated") == set(wanted)
    marks = [e for _, e in await actions.read_trail(redis_client, 0) if e.what == "escalated"]
    assert len(marks) == len(wanted), "each escalation is in the trail once"
