"""Two systems on one broker do not know each other."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import Store
from ecg_monitor.launch.services.start import start_redis
from ingest.command import session_name
from tests.support.waiting import eventually


@pytest.fixture
async def other_redis(tmp_path: Path) -> AsyncIterator[tuple[str, Store]]:
    """Address and client of another system's Redis."""
    service = start_redis(Settings(state=str(tmp_path)))
    client = store.connect(service.url)
    yield service.url, client
    await client.aclose()
    service.stop()


async def test_the_name_of_a_session_is_the_systems_own(
    redis_client: Store, other_redis: tuple[str, Store]
) -> None:
    first, *others = await asyncio.gather(*(session_name(redis_client, "in") for _ in range(5)))
    assert set(others) == {first}
    assert re.fullmatch(r"in-[0-9a-f]{12}", first)
    assert await session_name(other_redis[1], "in") != first
    await other_redis[1].delete(keys.INSTALLATION)
    await other_redis[1].execute_command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(ServiceError, match="name of this system"):
        await session_name(other_redis[1], "in")


async def test_two_systems_on_one_broker_get_every_packet_each(
    broker_url: str, redis_client: Store, redis_url: str, other_redis: tuple[str, Store],
    make_fields: Any, device: str,
) -> None:  # fmt: skip
    clients = (redis_client, other_redis[1])
    parts = []
    for url in (redis_url, other_redis[0]):
        settings = Settings(mqtt_url=broker_url, redis_url=url, partitions=1)
        parts.append(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ecg_monitor.cli", "ingest"),
                env=os.environ | to_environ(settings),
            )
        )

    async def both_listen() -> bool:
        figures = [await client.hvals(keys.THROUGHPUT) for client in clients]
        return all(any(b'"broker_away_s":0.0' in text for text in texts) for texts in figures)

    async def all_stored() -> bool:
        return [await client.xlen(keys.wave(0)) for client in clients] == [40, 40]

    try:
        await eventually(both_listen)
        async with mqtt.connect(broker_url) as publisher:
            for seq in range(40):
                payload = json.dumps(make_fields(seq=seq, n0=90 * seq)).encode()
                await publisher.publish(keys.wave_topic(device), payload, qos=1)
                await asyncio.sleep(0.05)
        await eventually(all_stored)
        for client in clients:
            for text in await client.hvals(keys.THROUGHPUT):
                assert json.loads(text)["broker_lost"] == 0
    finally:
        for part in parts:
            part.terminate()
            assert await part.wait() == 0
