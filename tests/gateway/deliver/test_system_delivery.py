"""What is wrong with the system goes over MQTT and to the webhook; against real servers."""

from __future__ import annotations

import asyncio
import contextlib
import signal
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
from ecg_monitor.launch.services.start import start_mqtt, start_redis
from ecg_monitor.ward.system.process_figures import report
from ecg_monitor.ward.system.watch import Watcher, read_conditions, read_log
from gateway.deliver import system_conditions
from gateway.deliver.system_conditions import ALIVE_WITHIN_S, Channel, lost_since, publish
from gateway.deliver.system_messages import UNWATCHED, fhir_bundle, webhook_map
from tests.support.waiting import PATIENCE_S, allowed_s, eventually, until

Told = dict[str, Any]


MADE = ("analysis_late", "store_away", "store_refuses", "broker_away")
"""Kinds of conditions that tests here make; others come with them where the machine is slow."""


def changes(receiver: Any) -> list[tuple[str, str]]:
    """What was posted, without repetitions, in the order in which it came first."""
    first = {told["id"]: told for told in receiver.told}
    found = [(told["event"]["what"], told["system"]["kind"]) for told in first.values()]
    return [(what, kind) for what, kind in found if kind in MADE]


def present(heard: list[tuple[bool, Told]]) -> set[str]:
    """Kinds of those that are present, as it was told last."""
    return {one["kind"] for one in heard[-1][1].get("conditions", ()) if one["kind"] in MADE}


def event_of(told: Told) -> tuple[str, str] | None:
    """What has happened, and to what kind of condition, as a message on the topic tells it."""
    event = told.get("event")
    return event and (event["what"], event["condition"]["kind"])


@pytest.fixture
def settings(redis_url: str, broker_url: str, receiver: Any) -> Settings:
    return Settings(
        partitions=1, redis_url=redis_url, mqtt_url=broker_url, webhook_url=receiver.url
    )


@pytest.fixture(autouse=True)
async def parts(redis_client: Store) -> AsyncIterator[None]:
    """Sign of life of the other parts."""
    link = {"broker_away_s": 0.0, "broker_lost": 0, "session_taken": 0}
    reporting = [
        asyncio.create_task(report(redis_client, "ingest", lambda: link)),
        asyncio.create_task(report(redis_client, "detect")),
    ]
    yield
    await cancel_all(reporting)


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


@contextlib.asynccontextmanager
async def late(store: Store) -> AsyncIterator[None]:
    """Let a packet wait for its analysis; others that follow keep the bed live until the end."""

    async def follow() -> None:
        while True:
            await asyncio.sleep(1.0)
            await store.xadd(keys.wave(0), {"d": "x"})

    await store.xadd(keys.wave(0), {"d": "x"}, id=f"{round((time.time() - 8) * 1000)}-0")
    await store.xadd(keys.wave(0), {"d": "x"})
    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        await cancel_all([task])
        await store.delete(keys.wave(0))


async def test_it_is_told_when_it_begins_and_when_it_ends(
    redis_client: Store, broker_url: str, receiver: Any, settings: Settings, start_deliver: Any
) -> None:
    process = start_deliver(settings)
    async with listening(broker_url) as heard:
        await until(lambda: heard and heard[-1][1]["watched"] and not present(heard))
        async with late(redis_client):
            await until(lambda: present(heard))
        state = next(told for _, told in heard if event_of(told) == ("began", "analysis_late"))
        (condition,) = (one for one in state["conditions"] if one["kind"] in MADE)
        assert condition["text"].startswith("analysis is late by")
        await until(lambda: not present(heard))
        await until(lambda: len(changes(receiver)) == 2)
        assert changes(receiver) == [("began", "analysis_late"), ("ended", "analysis_late")]
        posts = zip(receiver.told, receiver.got, strict=True)
        told, (headers, _) = next(
            one for one in posts if one[0]["system"]["kind"] == "analysis_late"
        )
        assert headers["X-ECG-Delivery"] == told["id"] == state["event"]["id"]
        assert "analysis_late" in told["system"]["present"]
        process.terminate()
        await until(lambda: not heard[-1][1]["watched"])
    assert process.wait(allowed_s(PATIENCE_S)) == 0
    async with listening(broker_url) as heard:
        await until(lambda: heard)
        assert heard == [(True, UNWATCHED)], "retained: nobody watches any more"


def whats(heard: list[tuple[bool, Told]]) -> list[str]:
    """What became of the conditions that the tests make, in order.

    Who is killed between an event and the note of it leaves it to the next to tell it again, under
    the same id.
    """
    events = {told["event"]["id"]: told["event"] for _, told in heard if told.get("event")}
    return [one["what"] for one in events.values() if one["condition"]["kind"] in MADE]


async def test_what_a_killed_process_has_not_told_is_told_by_the_next(
    redis_client: Store, broker_url: str, receiver: Any, settings: Settings, start_deliver: Any
) -> None:
    """The receiver is away when it begins; the process is killed; it ends while nobody looks."""
    receiver.status = 503
    process = start_deliver(settings)
    async with listening(broker_url) as heard:
        async with late(redis_client):
            await until(lambda: heard and present(heard))
            await until(lambda: receiver.got)
            process.kill()
            process.wait()
            await until(lambda: heard[-1][1] == UNWATCHED)  # its last will
            first = receiver.told[0]["id"]
            receiver.status = 200
            receiver.got.clear()
        start_deliver(settings)
        await until(lambda: len(changes(receiver)) == 2)
        assert changes(receiver) == [("began", "analysis_late"), ("ended", "analysis_late")]
        assert receiver.told[0]["id"] == first, "the same message has the same id"
        await until(lambda: heard[-1][1]["watched"] and not present(heard))
        await until(lambda: whats(heard)[1:])  # the state may be published before the event
    assert whats(heard) == ["began", "ended"]


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
            await until(lambda: present(heard))
            await until(lambda: changes(receiver))
            server = processes.start([str(word) for word in service.process.args])
            await until(lambda: not present(heard))
            await until(lambda: len(changes(receiver)) == 2)
        assert changes(receiver) == [("began", "store_away"), ("ended", "store_away")]
    finally:
        processes.stop([server], 2.0)


async def test_that_redis_takes_no_writes_is_told(
    redis_client: Store, broker_url: str, receiver: Any, settings: Settings, start_deliver: Any
) -> None:
    """A replica, say after a failover: everything can be read, and nothing is monitored."""
    async with listening(broker_url) as heard:
        start_deliver(settings)
        await until(lambda: heard and heard[-1][1]["watched"] and not present(heard))
        try:
            await redis_client.execute_command("REPLICAOF", "127.0.0.1", "1")
            began = time.monotonic()
            await until(lambda: present(heard) == {"store_refuses"})
            await until(lambda: changes(receiver) == [("began", "store_refuses")])
            assert time.monotonic() - began < allowed_s(20.0)
        finally:
            await redis_client.execute_command("REPLICAOF", "NO", "ONE")
        await until(lambda: not present(heard))
        await until(lambda: changes(receiver)[1:] == [("ended", "store_refuses")])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_that_the_broker_is_away_is_told_to_the_webhook(
    redis_client: Store, receiver: Any, settings: Settings, start_deliver: Any, tmp_path: Path,
    number: signal.Signals,
) -> None:  # fmt: skip
    """Also one that hangs: its connections stay open, and nothing comes through."""
    service = start_mqtt(Settings(state=str(tmp_path)))
    assert service.process is not None
    broker = service.process
    try:
        async with listening(service.url) as heard:
            start_deliver(replace(settings, mqtt_url=service.url))
            await until(lambda: heard and heard[-1][1]["watched"])
        broker.send_signal(number)
        await until(lambda: changes(receiver) == [("began", "broker_away")])

        async def on_pages() -> bool:
            return "broker_away" in await read_conditions(redis_client, "page")

        await eventually(on_pages)
        if number == signal.SIGKILL:
            broker.wait()
            broker = processes.start([str(word) for word in service.process.args])
        else:
            broker.send_signal(signal.SIGCONT)
        await until(lambda: changes(receiver)[1:] == [("ended", "broker_away")])
    finally:
        broker.send_signal(signal.SIGCONT)
        processes.stop([broker], 2.0)


def test_who_has_overslept_does_not_blame_the_broker() -> None:
    assert lost_since(100.0, 100.0 + ALIVE_WITHIN_S) == 100.0
    assert lost_since(100.0, 112.0) == 112.0
    assert lost_since(None, 112.0) == 112.0


async def test_a_broker_that_hangs_has_been_away_since_it_was_asked(
    redis_client: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was waited for its answer counts: an outage is to be told within 5 s."""
    monkeypatch.setattr(system_conditions, "OVERSLEPT_S", 60.0)  # the machine may be busy
    service = start_mqtt(Settings(state=str(tmp_path)))
    assert service.process is not None
    watcher = await Watcher.open(redis_client, settings)
    channel = await Channel.open(redis_client, watcher, "mqtt")
    try:
        async with mqtt.connect(service.url) as client:
            telling = asyncio.create_task(publish(client, channel, watcher))
            async with listening(service.url) as heard:
                await until(lambda: heard)
            service.process.send_signal(signal.SIGSTOP)
            with pytest.raises(aiomqtt.MqttError):
                await telling
            assert time.monotonic() - watcher.broker_lost[""] >= ALIVE_WITHIN_S
            service.process.send_signal(signal.SIGCONT)
    finally:
        service.process.send_signal(signal.SIGCONT)
        processes.stop([service.process], 2.0)


async def test_a_delivery_that_hangs_is_told_by_the_broker(
    redis_client: Store, broker_url: str, settings: Settings, start_deliver: Any
) -> None:
    """The broker ends its connection for its silence, which is no fault of the broker."""
    process = start_deliver(settings)
    async with listening(broker_url) as heard:
        await until(lambda: heard and heard[-1][1]["watched"])
        process.send_signal(signal.SIGSTOP)
        await until(lambda: heard[-1][1] == UNWATCHED)
        process.send_signal(signal.SIGCONT)
        await until(lambda: heard[-1][1]["watched"])
    kinds = {change.condition.kind for change in await read_log(redis_client)}
    assert "broker_away" not in kinds


async def test_a_change_as_json_and_as_fhir(redis_client: Store) -> None:
    watcher = await Watcher.open(redis_client, Settings(partitions=1, state="/nowhere"))
    async with late(redis_client):
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
