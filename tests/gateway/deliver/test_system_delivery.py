"""What is wrong with the system goes over MQTT and to the webhook; against real servers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward.system.watch import Watcher
from gateway.deliver.system_messages import UNWATCHED, fhir_bundle, webhook_map
from tests.support.waiting import until

Told = dict[str, Any]


def changes(receiver: Any) -> list[tuple[str, str]]:
    """What was posted, without repetitions, in the order in which it came first."""
    first = {told["id"]: told for told in receiver.told}
    return [(told["event"]["what"], told["system"]["kind"]) for told in first.values()]


@pytest.fixture
def settings(redis_url: str, broker_url: str, receiver: Any) -> Settings:
    return Settings(
        partitions=1, redis_url=redis_url, mqtt_url=broker_url, webhook_url=receiver.url
    )


@contextlib.asynccontextmanager
async def listening(url: str) -> AsyncIterator[list[tuple[bool, Told]]]:
    """Collect what is published on the topic, with whether it was retained."""
    heard: list[tuple[bool, Told]] = []

    async def collect(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            heard.append((message.retain, orjson.loads(message.payload)))

    async with mqtt.connect(url) as client:
        await client.subscribe(keys.SYSTEM_TOPIC, qos=1)
        task = asyncio.create_task(collect(client))
        try:
            yield heard
        finally:
            await cancel_all([task])


async def make_late(store: Store) -> None:
    """Let a packet wait for its analysis; another that follows keeps the bed live."""
    await store.xadd(keys.wave(0), {"d": "x"}, id=f"{round((time.time() - 8) * 1000)}-0")
    await store.xadd(keys.wave(0), {"d": "x"})


async def test_it_is_told_when_it_begins_and_when_it_ends(
    redis_client: Store, broker_url: str, receiver: Any, settings: Settings, start_deliver: Any
) -> None:
    process = start_deliver(settings)
    async with listening(broker_url) as heard:
        await until(lambda: heard and heard[-1][1]["watched"] and not heard[-1][1]["conditions"])
        await make_late(redis_client)
        await until(lambda: heard[-1][1]["conditions"])
        state = heard[-1][1]
        (condition,) = state["conditions"]
        assert condition["kind"] == "analysis_late"
        assert condition["text"].startswith("analysis is late by")
        assert state["event"]["what"] == "began"
        await redis_client.delete(keys.wave(0))
        await until(lambda: heard[-1][1]["conditions"] == [])
        assert heard[-1][1]["event"]["what"] == "ended"
        await until(lambda: len(changes(receiver)) == 2)
        assert changes(receiver) == [("began", "analysis_late"), ("ended", "analysis_late")]
        told, (headers, _) = receiver.told[0], receiver.got[0]
        assert headers["X-ECG-Delivery"] == told["id"] == state["event"]["id"]
        assert told["system"]["present"] == ["analysis_late"]
        process.terminate()
        await until(lambda: not heard[-1][1]["watched"])
    assert process.wait(30) == 0
    async with listening(broker_url) as heard:
        await until(lambda: heard)
        assert heard == [(True, UNWATCHED)], "retained: nobody watches any more"


async def test_what_a_killed_process_has_not_told_is_told_by_the_next(
    redis_client: Store, broker_url: str, receiver: Any, settings: Settings, start_deliver: Any
) -> None:
    """The receiver is away when it begins; the process is killed; it ends while nobody looks."""
    receiver.status = 503
    process = start_deliver(settings)
    async with listening(broker_url) as heard:
        await make_late(redis_client)
        await until(lambda: heard and heard[-1][1].get("conditions"))
        await until(lambda: receiver.got)
        process.kill()
        process.wait()
        await until(lambda: heard[-1][1] == UNWATCHED)  # its last will
        first = receiver.told[0]["id"]
        receiver.status = 200
        receiver.got.clear()
        await redis_client.delete(keys.wave(0))
        start_deliver(settings)
        await until(lambda: len(changes(receiver)) == 2)
        assert changes(receiver) == [("began", "analysis_late"), ("ended", "analysis_late")]
        assert receiver.told[0]["id"] == first, "the same message has the same id"
        await until(lambda: heard[-1][1]["watched"] and heard[-1][1]["conditions"] == [])
    whats = [told["event"]["what"] for _, told in heard if told.get("event")]
    assert whats == ["began", "ended"]


async def test_that_redis_is_away_is_told_without_it(
    settings: Settings, receiver: Any, start_deliver: Any, tmp_path: Path
) -> None:
    service = start_redis(Settings(state=str(tmp_path)))
    assert service.process is not None
    server = service.process
    try:
        async with listening(settings.mqtt_url) as heard:
            start_deliver(replace(settings, redis_url=service.url))
            await until(lambda: heard and heard[-1][1]["watched"])
            server.kill()
            server.wait()
            await until(lambda: heard[-1][1]["conditions"])
            await until(lambda: changes(receiver))
            server = processes.start([str(word) for word in service.process.args])
            await until(lambda: heard[-1][1]["conditions"] == [])
            await until(lambda: len(changes(receiver)) == 2)
        assert changes(receiver) == [("began", "store_away"), ("ended", "store_away")]
    finally:
        processes.stop([server], 2.0)


async def test_a_change_as_json_and_as_fhir(redis_client: Store) -> None:
    await make_late(redis_client)
    watcher = await Watcher.open(redis_client, Settings(partitions=1, state="/nowhere"))
    await watcher.look()
    (change,) = watcher.journal.after(0)
    told = webhook_map(change)
    assert told["alert"] is None
    assert told["event"] == {"what": "began", "who": "system", "at": change.at}
    made = fhir_bundle(change)
    assert made == fhir_bundle(change), "the same message has the same ids"
    ((entry),) = made["entry"]
    resource = entry["resource"]
    assert (resource["resourceType"], resource["status"]) == ("Communication", "completed")
    assert resource["priority"] == "urgent"
    assert "analysis is late by" in resource["payload"][0]["contentString"]
    assert resource["identifier"][0]["value"] == change.id
