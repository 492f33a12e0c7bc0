"""Ingest between a real broker and two Redis servers, one of which dies and comes back."""

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

from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ingest.broker.reception import IN_FLIGHT
from ingest.service import Ingest
from tests.support.two_servers import TwoServers
from tests.support.waiting import eventually

PARTITIONS = 4
BEDS = tuple(
    next(
        name
        for name in (f"bed-{number}" for number in range(100))
        if keys.server_of(keys.partition_of(name, PARTITIONS), 2) == server
    )
    for server in (0, 1)
)
"""A bed on each server."""


@dataclass
class Ward:
    """Devices on both servers, and the ingest that takes their packets."""

    settings: Settings
    client: Store
    publisher: aiomqtt.Client
    ingest: Ingest
    fields: Callable[..., dict[str, Any]]

    async def publish(self, device: str, numbers: range) -> None:
        for seq in numbers:
            payload = json.dumps(self.fields(seq=seq, n0=90 * seq)).encode()
            await self.publisher.publish(keys.wave_topic(device), payload, qos=1)

    async def arrived(self, device: str) -> list[int]:
        """Numbers of the packets in the device's stream, in its order."""
        stream = keys.wave(keys.partition_of(device, PARTITIONS))
        return [
            wire.read(fields[b"p"], device).n0 // 90
            for _, fields in await self.client.xrange(stream)
        ]


@pytest.fixture
async def ward(two_servers: TwoServers, broker_url: str, make_fields: Any) -> AsyncIterator[Ward]:
    settings = Settings(mqtt_url=broker_url, redis_url=two_servers.url, partitions=PARTITIONS)
    async with (
        store.answering(two_servers.url) as client,
        mqtt.connect(broker_url) as publisher,
    ):
        ingest = Ingest(settings, client, name=f"in-{uuid.uuid4().hex[:8]}")
        work = asyncio.create_task(ingest.run())
        ward = Ward(settings, client, publisher, ingest, make_fields)

        async def subscribed() -> bool:
            for device in BEDS:
                await ward.publish(device, range(1))
            return all([await ward.arrived(device) for device in BEDS])

        await eventually(subscribed)
        yield ward
        assert not work.done(), work.exception()
        await cancel_all([work])


async def test_a_server_that_is_away_holds_up_its_own_beds_alone(
    ward: Ward, two_servers: TwoServers
) -> None:
    here, away = BEDS
    two_servers.kill(1)
    count = 2 * IN_FLIGHT
    await ward.publish(away, range(1, count))  # more than the broker may have in flight
    await ward.publish(here, range(1, 300))

    async def all_here() -> bool:
        return set(await ward.arrived(here)) == {*range(300)}

    await eventually(all_here)
    figures = ward.ingest.figures()
    assert figures["kept"] > 0
    assert figures["let_go"] == 0
    two_servers.restart(1)

    async def all_there() -> bool:
        with contextlib.suppress(store.StoreError):
            return set(await ward.arrived(away)) == {*range(count)}
        return False

    await eventually(all_there)
    found = await ward.arrived(away)
    assert found == sorted(found), "in order"
    assert ward.ingest.figures()["kept"] == 0


async def test_what_is_refused_is_counted_though_a_server_is_away(
    ward: Ward, two_servers: TwoServers
) -> None:
    """What stands for several devices is written where there is a server."""
    two_servers.kill(1)
    here = BEDS[0]
    await ward.publisher.publish(keys.wave_topic(here), b"no packet", qos=1)
    for number in range(400):
        await ward.publisher.publish(keys.wave_topic(f"stranger-{number}"), b"none", qos=1)
    await ward.publish(here, range(1, 20))

    async def all_here() -> bool:
        return set(await ward.arrived(here)) == {*range(20)}

    await eventually(all_here)
    partition = keys.partition_of(here, PARTITIONS)
    counters = await ward.client.hgetall(keys.counters(partition))
    assert any(name.startswith(f"{here}|refused".encode()) for name in counters)


async def test_devices_on_all_servers_count_towards_the_bound(ward: Ward) -> None:
    async def known() -> bool:
        return ward.ingest.figures()["devices"] == len(BEDS)

    await eventually(known)
    parts = ward.ingest.figures()
    assert parts["accepted_per_s"] > 0
    assert parts["broker_away_s"] == 0
