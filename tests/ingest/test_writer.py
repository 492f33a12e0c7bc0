"""Batches reach the right keys of a real Redis, which stays bounded."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import StoreRefusedError
from ingest.judge import AcceptedPacket, DeviceNews, Refusal
from ingest.writer import JudgedMessage, Writer

SETTINGS = Settings(partitions=1, wave_retention_s=10.0, wave_max_packets=1000)
WAVE = keys.wave(0)


def _news(kind, content, device: str = "bed") -> JudgedMessage:
    return JudgedMessage(DeviceNews(device, kind, content), 0.0)


async def _entry(client, device: str = "bed"):
    text = await client.hget(keys.devices(0), device)
    return text and json.loads(text)


async def test_packets_keep_their_order_and_arrival(redis_client) -> None:
    batch = [
        JudgedMessage(AcceptedPacket("bed", b"packet %d" % i), 100.0 + i / 8) for i in range(300)
    ]
    await Writer(redis_client, SETTINGS).write(batch)
    entries = [entry for _, entry in await redis_client.xrange(WAVE)]
    assert [entry[b"p"] for entry in entries] == [b"packet %d" % i for i in range(300)]
    assert entries[1] == {b"d": b"bed", b"t": b"100.125000", b"p": b"packet 1"}
    assert await redis_client.hgetall(keys.counters(0)) == {b"bed|accepted": b"300"}


async def test_devices_go_to_their_partitions(redis_client) -> None:
    settings = Settings(partitions=8)
    devices = [f"bed-{i}" for i in range(40)]
    await Writer(redis_client, settings).write(
        [JudgedMessage(AcceptedPacket(d, b""), 0.0) for d in devices]
    )
    for partition in range(8):
        found = {
            entry[b"d"].decode() for _, entry in await redis_client.xrange(keys.wave(partition))
        }
        assert found == {d for d in devices if keys.partition_of(d, 8) == partition}


async def test_a_server_that_has_forgotten_the_script_is_given_it_again(redis_client) -> None:
    settings = Settings(partitions=8)
    writer = Writer(redis_client, settings)
    devices = [f"bed-{i}" for i in range(40)]
    for _ in range(3):
        await redis_client.script_flush()
        await writer.write([JudgedMessage(AcceptedPacket(d, b""), 0.0) for d in devices])
    assert sum([await redis_client.xlen(keys.wave(one)) for one in range(8)]) == 3 * len(devices)


async def test_what_the_server_refuses_is_raised(redis_client) -> None:
    await redis_client.set(WAVE, "no stream")
    with pytest.raises(StoreRefusedError, match="WRONGTYPE"):
        await Writer(redis_client, SETTINGS).write([JudgedMessage(AcceptedPacket("b", b"x"), 0.0)])


async def test_stream_is_bounded_in_number(redis_client) -> None:
    writer = Writer(redis_client, SETTINGS)
    for _ in range(10):
        await writer.write([JudgedMessage(AcceptedPacket("bed", b"x"), 0.0)] * 250)
    # Approximate: Redis drops whole nodes of 100 entries.
    assert 1000 <= await redis_client.xlen(WAVE) < 1100


async def test_stream_is_bounded_in_age(redis_client) -> None:
    old = int((time.time() - 11) * 1000)
    for i in range(250):
        await redis_client.xadd(WAVE, {"d": "bed", "p": b""}, id=f"{old}-{i}")
    await Writer(redis_client, SETTINGS).write([JudgedMessage(AcceptedPacket("bed", b"new"), 0.0)])
    assert await redis_client.xlen(WAVE) <= 101


async def test_refusals_are_counted_and_kept(redis_client) -> None:
    refused = Refusal("bed", "range", "fs: must be 50 .. 2000, got 0")
    await Writer(redis_client, SETTINGS).write([JudgedMessage(refused, 7.0)] * 3)
    assert await redis_client.hgetall(keys.counters(0)) == {b"bed|refused:range": b"3"}
    entries = await redis_client.xrange(keys.refusals(0))
    assert entries[0][1] == {b"d": b"bed", b"t": b"7.000000", b"e": refused.problem.encode()}


async def test_news_are_merged(redis_client) -> None:
    writer = Writer(redis_client, SETTINGS)
    await writer.write([_news("meta", {"label": "Bed 1"}), _news("status", {"state": "online"})])
    assert await _entry(redis_client) == {"meta": {"label": "Bed 1"}, "status": {"state": "online"}}
    await writer.write(
        [_news("status", {"state": "online"}), _news("status", {"state": "offline"})]
    )
    assert await _entry(redis_client) == {
        "meta": {"label": "Bed 1"},
        "status": {"state": "offline"},
    }
    await writer.write([_news("status", None)])
    assert await _entry(redis_client) == {"meta": {"label": "Bed 1"}}
    await writer.write([_news("meta", None)])
    assert not await redis_client.hexists(keys.devices(0), "bed")


async def test_two_processes_do_not_lose_each_others_news(redis_client) -> None:
    writers = [Writer(redis_client, SETTINGS) for _ in range(2)]
    devices = [f"bed-{i}" for i in range(20)]
    await asyncio.gather(
        *(writers[0].write([_news("status", {"state": "online"}, d)]) for d in devices),
        *(writers[1].write([_news("meta", {"label": d}, d)]) for d in devices),
    )
    for device in devices:
        assert await _entry(redis_client, device) == {
            "status": {"state": "online"},
            "meta": {"label": device},
        }


@pytest.mark.parametrize("batch", [[], [_news("meta", None)]])
async def test_little_batches(redis_client, batch) -> None:
    await Writer(redis_client, SETTINGS).write(batch)
    assert await redis_client.keys("*") == []
