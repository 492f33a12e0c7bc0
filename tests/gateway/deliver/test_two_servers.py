"""Alerts of one Redis server are passed on while another is away, the first included."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable

import aiomqtt
import orjson
import pytest

from ecg_monitor.core import keys, store
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.ward.alerts.book import AlertBook
from tests.support.alerts import make_alarm
from tests.support.two_servers import TwoServers
from tests.support.waiting import eventually, until

BEDS = ("bed-a", "bed-b")
"""A bed of each partition, as this test says it."""


async def say(client: store.Store, partition: int, kind: str) -> None:
    """Write an alert as the owner of a partition does."""
    now = time.time()
    entry = AlertBook().note(BEDS[partition], "boot1", make_alarm(kind), now - 4, now)
    assert entry is not None
    assert entry.alert is not None
    await client.hset(keys.alerts(partition), entry.alert.id, entry.alert.to_json())
    await client.xadd(keys.alertlog(partition), entry.to_fields())


@pytest.mark.parametrize("away", [0, 1])
async def test_the_alerts_of_the_other_server_are_told(
    two_servers: TwoServers,
    broker_url: str,
    start_deliver: Callable[[Settings], subprocess.Popen[bytes]],
    away: int,
) -> None:
    here = 1 - away
    told: dict[str, set[str]] = {bed: set() for bed in BEDS}

    async def listen(listener: aiomqtt.Client) -> None:
        async for message in listener.messages:
            state = orjson.loads(message.payload)
            told[state["device"]] |= {one["kind"] for one in state["alerts"]}

    async with (
        store.answering(two_servers.url) as client,
        mqtt.connect(broker_url) as listener,
    ):
        await listener.subscribe("ecg/v1/+/alert", qos=1)
        listening = asyncio.create_task(listen(listener))
        process = start_deliver(
            Settings(mqtt_url=broker_url, redis_url=two_servers.url, partitions=2)
        )

        async def watches() -> bool:
            return bool(await client.exists(keys.WATCHED))

        await eventually(watches)
        for partition in range(2):
            await say(client, partition, "asystole")
        await until(lambda: all("asystole" in kinds for kinds in told.values()))
        two_servers.kill(away)
        await say(client, here, "vt")
        await until(lambda: "vt" in told[BEDS[here]])
        two_servers.restart(away)
        await store.check(client)
        await say(client, away, "vt")
        await until(lambda: "vt" in told[BEDS[away]])
        assert process.poll() is None
        await cancel_all([listening])
