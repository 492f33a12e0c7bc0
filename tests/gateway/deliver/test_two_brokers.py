"""Each of two brokers is told every alert; one that is away is told when it is back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson
import pytest

from ecg_monitor.core import keys, store
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.launch import health
from ecg_monitor.launch.services.start import Service, start_mqtt
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.system.process_figures import report
from tests.support.alerts import make_alarm
from tests.support.waiting import eventually, until

BED = "bed-a"


@pytest.fixture
async def brokers(tmp_path: Path) -> AsyncIterator[list[Service]]:
    started = [start_mqtt(Settings(state=str(tmp_path / name))) for name in ("a", "b")]
    yield started
    for one in started:
        one.stop()


async def say(client: store.Store, kind: str) -> None:
    """Write an alert as the owner of the partition does."""
    now = time.time()
    entry = AlertBook().note(BED, "boot1", make_alarm(kind), now - 4, now)
    assert entry is not None
    assert entry.alert is not None
    await client.hset(keys.alerts(0), entry.alert.id, entry.alert.to_json())
    await client.xadd(keys.alertlog(0), entry.to_fields())


async def hear(url: str, told: set[str]) -> None:
    """Collect the kinds of alerts that a broker is told."""
    async with mqtt.connect(url, patience_s=60.0) as client:
        await client.subscribe("ecg/v1/+/alert", qos=1)
        async for message in client.messages:
            told |= {one["kind"] for one in orjson.loads(message.payload)["alerts"]}


async def test_both_are_told_and_one_that_was_away_later(
    brokers: list[Service],
    redis_client: store.Store,
    redis_url: str,
    start_deliver: Callable[[Settings], subprocess.Popen[bytes]],
) -> None:
    told: list[set[str]] = [set(), set()]
    urls = [one.url for one in brokers]
    link = {"broker_away_s": 0.0, "broker_lost": 0, "session_taken": 0}
    reporting = asyncio.create_task(report(redis_client, "ingest", lambda: link))
    listening = [asyncio.create_task(hear(*pair)) for pair in zip(urls, told, strict=True)]
    process = start_deliver(Settings(mqtt_url=",".join(urls), redis_url=redis_url, partitions=1))

    async def condition() -> str:
        text = await redis_client.hget(keys.SYSTEM, "broker_away")
        return str(json.loads(text)["detail"]) if text else ""

    async def away() -> bool:
        return urls[1].removeprefix("mqtt://") in await condition()

    async def well() -> bool:
        return bool(await redis_client.exists(keys.WATCHED)) and not await condition()

    await eventually(well)
    await say(redis_client, "asystole")
    await until(lambda: all("asystole" in kinds for kinds in told))
    killed = brokers[1].process
    assert killed is not None
    killed.kill()
    killed.wait()
    await say(redis_client, "vt")
    await until(lambda: "vt" in told[0])
    await eventually(away)
    cursors = await redis_client.hgetall(keys.cursors(0))
    assert len(cursors) == 2
    assert await health.deliver(redis_client, 1) is None, "no change waits for all brokers"
    await cancel_all([listening[1]])
    brokers[1].restart()
    listening[1] = asyncio.create_task(hear(urls[1], told[1]))
    await until(lambda: "vt" in told[1])
    await eventually(well)
    assert process.poll() is None
    await cancel_all([*listening, reporting])
