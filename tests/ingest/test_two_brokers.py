"""Ingest at two real brokers: each is answered for itself, and one that fails stops no other."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.launch.services.start import Service, start_mqtt
from ingest.service import Ingest
from simulator import device as simulated
from simulator.fleet import Fleet
from simulator.ward import WardRequest, build_ward
from tests.support.two_servers import TwoServers
from tests.support.waiting import eventually, until

Running = Callable[..., Any]


@pytest.fixture
async def brokers(tmp_path: Path) -> AsyncIterator[list[Service]]:
    started = [start_mqtt(Settings(state=str(tmp_path / name))) for name in ("a", "b")]
    yield started
    for one in started:
        one.stop()


@pytest.fixture
def both(brokers: list[Service], redis_url: str) -> Settings:
    return Settings(
        mqtt_url=",".join(one.url for one in brokers), redis_url=redis_url, partitions=1
    )


async def spans(client: Store, device: str) -> list[tuple[int, int]]:
    """Samples of the device's packets, in the order in which they were written."""
    found = []
    for _, fields in await client.xrange(keys.wave(0)):
        if fields[b"d"] == device.encode():
            packet = wire.read(fields[b"p"], device)
            found.append((packet.n0, packet.n1))
    return found


async def publish(url: str, topic: str, content: dict[str, Any], **how: Any) -> None:
    async with mqtt.connect(url) as client:
        await client.publish(topic, json.dumps(content), qos=1, **how)


async def there(client: Store, url: str, fields: dict[str, Any]) -> None:
    """Wait until ingest receives from a broker."""
    probe = f"probe-{uuid.uuid4().hex[:6]}"

    async def taken() -> bool:
        await publish(url, keys.wave_topic(probe), fields)
        return bool(await spans(client, probe))

    await eventually(taken)


async def test_receipts_go_where_the_packet_came_from(
    both: Settings,
    brokers: list[Service],
    redis_client: Store,
    running: Running,
    device: str,
    make_fields: Any,
) -> None:
    heard: list[list[Any]] = [[], []]

    async def listen(index: int) -> None:
        async with mqtt.connect(brokers[index].url) as client:
            await client.subscribe(keys.receipt_topic(device))
            async for message in client.messages:
                heard[index] += json.loads(message.payload)["stored"]

    listening = [asyncio.create_task(listen(index)) for index in range(2)]
    async with running(both, redis_client):
        for one in brokers:
            await there(redis_client, one.url, make_fields())
        topic = keys.wave_topic(device)

        async def told() -> bool:  # again and again: who listens may have come too late
            await publish(brokers[0].url, topic, make_fields(n0=0))
            await publish(brokers[1].url, topic, make_fields(n0=900))
            return all(heard)

        await eventually(told)
    await cancel_all(listening)
    assert [{tuple(span) for span in spans} for spans in heard] == [{(0, 90)}, {(900, 990)}]


async def test_the_word_of_the_broker_that_was_left_does_not_count(
    both: Settings,
    brokers: list[Service],
    redis_client: Store,
    running: Running,
    device: str,
    make_fields: Any,
) -> None:
    """Both keep something of the device: A that it is gone, B that it is there."""
    status, wave = keys.status_topic(device), keys.wave_topic(device)
    a, b = (one.url for one in brokers)

    async def state() -> str:
        text = await redis_client.hget(keys.devices(0), device)
        return json.loads(text)["status"]["state"] if text else ""

    async def is_online() -> bool:
        return await state() == "online"

    async with running(both, redis_client):
        await there(redis_client, a, make_fields())
        await there(redis_client, b, make_fields())
        await publish(b, status, {"state": "online"}, retain=True)
        await publish(b, wave, make_fields())
        await eventually(is_online)
        await publish(a, status, {"state": "offline", "reason": "connection lost"}, retain=True)
        await there(redis_client, a, make_fields())
        assert await is_online()
    async with running(both, redis_client):  # and now both tell what they keep
        await there(redis_client, a, make_fields())
        await publish(b, wave, make_fields(seq=1, n0=90))
        await eventually(is_online)


async def test_a_device_leaves_a_broker_that_nobody_reads(
    brokers: list[Service],
    redis_client: Store,
    redis_url: str,
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulated, "UNHEARD_S", 1.0)
    seconds, speed = 40.0, 8.0
    wishes = WardRequest(scenarios=("sinus",), loop=False, duration_s=seconds, prefix="moved")
    ward = build_ward(wishes, Settings())
    urls = ",".join(one.url for one in brokers)
    settings = Settings(mqtt_url=brokers[1].url, redis_url=redis_url, partitions=1)
    async with running(settings, redis_client):
        fleet = Fleet(ward.plans, urls, speed=speed, packet_s=wishes.packet_s)
        await fleet.run()
    reached = 0
    for n0, n1 in sorted(await spans(redis_client, ward.plans[0].device)):
        assert n0 <= reached, f"samples {reached} to {n0} are lost"
        reached = max(reached, n1)
    assert reached >= (seconds - 0.5) * ward.plans[0].meta["fs"]
    assert fleet.totals.reconnects > 0


def let_nobody_in(broker: Service) -> None:
    """Start a broker anew that knows no user."""
    assert broker.process is not None
    conf = Path(str(broker.process.args[2]))
    conf.write_text(conf.read_text().replace("allow_anonymous true", "allow_anonymous false"))
    broker.process.kill()
    broker.process.wait()
    broker.restart()


async def test_a_broker_that_refuses_us_stops_no_other(
    both: Settings,
    brokers: list[Service],
    redis_client: Store,
    running: Running,
    make_fields: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    let_nobody_in(brokers[0])
    async with running(both, redis_client) as work:
        await there(redis_client, brokers[1].url, make_fields())
        await until(lambda: "refuses the user or password" in caplog.text)
        assert not work.done()
        assert "the others go on" in caplog.text
    let_nobody_in(brokers[1])
    with pytest.raises(ServiceError, match="refuses the user or password in ECG_MQTT_URL"):
        await asyncio.wait_for(Ingest(both, redis_client).run(), 60)


async def test_packets_of_both_brokers_reach_both_redis_servers(
    brokers: list[Service], two_servers: TwoServers, running: Running, make_fields: Any
) -> None:
    settings = Settings(
        mqtt_url=",".join(one.url for one in brokers), redis_url=two_servers.url, partitions=2
    )
    names = [f"bed-{number}" for number in range(99)]
    beds = [next(one for one in names if keys.partition_of(one, 2) == p) for p in range(2)]
    async with store.answering(two_servers.url) as client, running(settings, client):

        async def all_there() -> bool:
            for number, one in enumerate(brokers):
                for bed in beds:
                    fields = make_fields(n0=900 * number)
                    await publish(one.url, keys.wave_topic(bed), fields)
            found = [
                {wire.read(fields[b"p"], bed).n0 for _, fields in await client.xrange(keys.wave(p))}
                for p, bed in enumerate(beds)
            ]
            return found == [{0, 900}, {0, 900}]

        await eventually(all_there)
