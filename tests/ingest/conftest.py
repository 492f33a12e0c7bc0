"""A running ingest between a real broker and a real Redis server, and valid packets for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiomqtt
import pytest

from ecg_monitor.core import keys, wire
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ingest.service import Ingest
from tests.support.waiting import eventually


def fields(**changes: Any) -> dict[str, Any]:
    """The fields of a valid packet of 90 samples, changed as asked; None takes a field out."""
    valid: dict[str, Any] = {
        "v": 1,
        "boot": "boot-1",
        "seq": 0,
        "n0": 0,
        "t0": 1_700_000_000.0,
        "fs": 360,
        "gain": 200,
        "baseline": 1024,
        "leads": {"II": [1000 + i for i in range(90)], "V1": [900] * 90},
    }
    return {name: value for name, value in (valid | changes).items() if value is not None}


@dataclass
class System:
    """What a test of ingest talks to."""

    settings: Settings
    redis: Store
    publisher: aiomqtt.Client

    async def packets(self, device: str) -> list[Packet]:
        """The device's packets in its stream, in order."""
        stream = keys.wave(keys.partition_of(device, self.settings.partitions))
        entries = await self.redis.xrange(stream)
        return [
            wire.read(entry[b"p"], device) for _, entry in entries if entry[b"d"] == device.encode()
        ]

    async def counters(self, device: str) -> dict[str, int]:
        """The device's counters by name."""
        key = keys.counters(keys.partition_of(device, self.settings.partitions))
        stored = await self.redis.hgetall(key)
        return {
            name.decode().split("|")[1]: int(number)
            for name, number in stored.items()
            if name.decode().split("|")[0] == device
        }

    async def entry(self, device: str) -> dict[str, Any] | None:
        """What the device told about itself."""
        text = await self.redis.hget(
            keys.devices(keys.partition_of(device, self.settings.partitions)), device
        )
        return None if text is None else json.loads(text)

    async def refusals(self, device: str) -> list[str]:
        """Error texts of the device's refused packets."""
        key = keys.refusals(keys.partition_of(device, self.settings.partitions))
        return [
            entry[b"e"].decode()
            for _, entry in await self.redis.xrange(key)
            if entry[b"d"] == device.encode()
        ]

    async def send(self, device: str, payload: bytes | None = None, **changes: Any) -> None:
        """Publish a packet of the device."""
        if payload is None:
            payload = json.dumps(fields(**changes)).encode()
        await self.publisher.publish(keys.wave_topic(device), payload, qos=1)


@pytest.fixture
def make_fields() -> Callable[..., dict[str, Any]]:
    """See `fields`."""
    return fields


@pytest.fixture
def device() -> str:
    """A device that no other test uses."""
    return f"bed-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def settings(broker_url: str, redis_url: str) -> Settings:
    """Settings that point at the tests' services."""
    return Settings(mqtt_url=broker_url, redis_url=redis_url)


@contextlib.asynccontextmanager
async def _running(settings: Settings, client: Store) -> AsyncIterator[asyncio.Task[None]]:
    work = asyncio.create_task(Ingest(settings, client, name=f"in-{uuid.uuid4().hex[:8]}").run())
    try:
        yield work
    finally:
        await cancel_all([work])
    if not work.cancelled():
        work.result()


@pytest.fixture
def running() -> Callable[..., contextlib.AbstractAsyncContextManager[asyncio.Task[None]]]:
    """Runs an ingest during an ``async with`` block."""
    return _running


@pytest.fixture
async def system(settings: Settings, redis_client: Store) -> AsyncIterator[System]:
    """A running ingest, already subscribed, that must still run at the end of the test."""
    async with (
        _running(settings, redis_client) as work,
        mqtt.connect(settings.mqtt_url) as publisher,
    ):
        system = System(settings, redis_client, publisher)

        async def subscribed() -> bool:
            await system.send("probe")
            return bool(await system.packets("probe"))

        await eventually(subscribed)
        yield system
        assert not work.done(), work.exception()
