"""Delivery: MQTT state, webhook, at least once whatever fails; against real servers."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.ward.alerts.exchange.messages import signature
from ecg_monitor.ward.alerts.handling import actions, standby_actions
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.units.desk import UnitDesk
from gateway.deliver import poster
from gateway.deliver.poster import Outcome, Poster, judge
from gateway.deliver.publish import MqttChannel
from gateway.deliver.webhook import WebhookChannel
from tests.support.waiting import allowed_s

BED = "bed-01"
ASYSTOLE = "bed-01/boot1/asystole/1000"


@pytest.fixture
def quick(monkeypatch) -> None:
    monkeypatch.setattr(poster, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(poster, "BACKOFF_FIRST_S", 0.01)


@contextlib.asynccontextmanager
async def channel(store, receiver, **settings) -> AsyncIterator[WebhookChannel]:
    chosen = Settings(partitions=1, webhook_url=receiver.url, **settings)
    async with aiohttp.ClientSession() as session:
        yield await WebhookChannel.open(Poster(session, chosen), store, 0, chosen)


async def test_every_change_is_posted_in_order_and_signed(
    redis_client, detector, alarm, receiver, quick
):
    await detector.say(alarm(), now=time.time())
    await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
    async with channel(redis_client, receiver, webhook_secret="s3cret") as hook:
        assert await hook.step(block_ms=1) == 2
        assert await hook.step(block_ms=1) == 0
    assert receiver.whats == ["raised", "acknowledged"]
    headers, body = receiver.got[1]
    told = orjson.loads(body)
    assert told["alert"]["id"] == ASYSTOLE
    assert told["event"]["who"] == "N. N."
    assert told["id"] == headers["X-ECG-Delivery"]
    expected = signature("s3cret", headers["X-ECG-Timestamp"], body)
    assert hmac.compare_digest(headers["X-ECG-Signature"], expected)
    assert signature("other", headers["X-ECG-Timestamp"], body) != expected


async def test_failures_are_repeated_until_it_is_delivered(
    redis_client, detector, alarm, receiver, quick
):
    receiver.answers = [500, "hang", 429, 200]
    await detector.say(alarm(), now=time.time())
    async with channel(redis_client, receiver) as hook:
        await hook.step(block_ms=1)
    assert receiver.whats == ["raised"] * 4
    assert "X-ECG-Signature" not in receiver.got[0][0]
    assert await redis_client.xlen(keys.undelivered(0)) == 0


async def test_a_refusal_is_noted_and_the_next_gets_its_turn(
    redis_client, detector, alarm, receiver, quick
):
    receiver.answers = [400, 302]
    await detector.say(alarm(), now=time.time())
    await detector.say(alarm(n=2), now=time.time())
    await detector.say(alarm(n=3), now=time.time())
    async with channel(redis_client, receiver) as hook:
        await hook.step(block_ms=1)
    assert len(receiver.got) == 3
    noted = await redis_client.xrange(keys.undelivered(0))
    assert [b"400" in fields[b"e"] for _, fields in noted] == [True, False]


async def test_after_an_hour_it_is_given_up(redis_client, detector, alarm, receiver, quick):
    receiver.answers = [503]
    await detector.say(alarm(), now=time.time() - 3700)
    async with channel(redis_client, receiver) as hook:
        await hook.step(block_ms=1)
    assert len(receiver.got) == 1
    assert await redis_client.xlen(keys.undelivered(0)) == 1


async def test_nobody_listens_then_somebody_does(redis_client, detector, alarm, receiver, quick):
    await receiver.stop()
    await detector.say(alarm(), now=time.time())
    async with channel(redis_client, receiver) as hook:
        step = asyncio.create_task(hook.step(block_ms=1))
        await asyncio.sleep(0.1)
        assert not step.done()
        step.cancel()
        await asyncio.wait([step])
    await receiver.start()
    async with channel(redis_client, receiver) as hook:
        await hook.step(block_ms=1)
    assert receiver.whats == ["raised"], "the cursor had not moved"


async def test_while_redis_takes_no_writes_nothing_is_posted_again_and_again(
    redis_client, detector, alarm, receiver, quick
):
    """The cursor cannot move then, and a pager must not be called every second."""
    receiver.answers = [200, 400]
    await detector.say(alarm(), now=time.time())
    await detector.say(alarm(n=2), now=time.time())
    async with channel(redis_client, receiver) as hook:
        await redis_client.config_set("maxmemory", 1)
        try:
            assert await hook.step(block_ms=1) == 2
            assert await hook.step(block_ms=1) == 0
        finally:
            await redis_client.config_set("maxmemory", 0)
        assert len(receiver.got) == 2
        await detector.say(alarm(n=3), now=time.time())
        assert await hook.step(block_ms=1) == 1
    async with channel(redis_client, receiver) as hook:
        assert await hook.step(block_ms=1) == 0


async def test_fhir_bundles_are_posted_for_alerts_alone(
    redis_client, detector, alarm, receiver, quick
):
    await detector.say(alarm(), now=time.time())
    await actions.pause_audio(redis_client, 0, BED, {}, "N. N.")
    async with channel(redis_client, receiver, webhook_format="fhir") as hook:
        assert await hook.step(block_ms=1) == 2
    ((_, body),) = receiver.got
    assert orjson.loads(body)["resourceType"] == "Bundle"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED), (204, Outcome.DELIVERED), (301, Outcome.REFUSED),
        (404, Outcome.REFUSED), (408, Outcome.FAILED), (429, Outcome.FAILED),
        (500, Outcome.FAILED), (599, Outcome.FAILED),
    ],
)  # fmt: skip
def test_answers_are_judged(status, outcome):
    assert judge(status) is outcome


@contextlib.asynccontextmanager
async def listening(url: str) -> AsyncIterator[asyncio.Queue]:
    """Collect what is published on the alert topic."""
    queue: asyncio.Queue = asyncio.Queue()

    async with mqtt.connect(url) as client:
        await client.subscribe(keys.alert_topic("+"), qos=1)

        async def collect() -> None:
            async for message in client.messages:
                queue.put_nowait((message, orjson.loads(message.payload)))

        task = asyncio.create_task(collect())
        try:
            yield queue
        finally:
            await cancel_all([task])


async def published(queue: asyncio.Queue) -> dict[str, Any]:
    """Return the next message that the broker has not kept from before."""
    while True:
        message, told = await asyncio.wait_for(queue.get(), allowed_s(30))
        if not message.retain:
            return told


async def test_mqtt_tells_every_change_and_keeps_the_state(
    redis_client, broker_url, detector, alarm
):
    now = time.time()
    async with mqtt.connect(broker_url) as client, listening(broker_url) as queue:
        channel = await MqttChannel.open(client, redis_client, 0, Policy())
        await detector.say(alarm(), now=now)
        await detector.say(alarm(kind="pause", priority="medium", n=5), now=now)
        await detector.say(alarm(kind="pause", priority="medium", n=5, present=False), now=now)
        await channel.step(block_ms=1)
        whats = [
            (await asyncio.wait_for(queue.get(), allowed_s(30)))[1]["event"]["what"]
            for _ in range(3)
        ]
        assert whats == ["raised", "raised", "cleared"], "even what was over at once is told"
        await channel.step(block_ms=1)
        assert queue.empty(), "nothing new, nothing told"
        await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
        await channel.step(block_ms=1)
        _, told = await asyncio.wait_for(queue.get(), allowed_s(30))
        assert told["event"]["who"] == "N. N."
    async with listening(broker_url) as queue:
        message, kept = await asyncio.wait_for(queue.get(), allowed_s(30))
        assert message.retain
        assert str(message.topic) == keys.alert_topic(BED)
        (alert,) = [one for one in kept["alerts"] if one["kind"] == "asystole"]
        assert (alert["presence"], alert["acked_by"]) == ("Ack", "N. N.")
        assert (kept["strongest"], kept["sounds"]) == ("high", False)


async def test_mqtt_tells_when_a_pause_is_over(redis_client, broker_url, detector, alarm):
    clock = [time.time()]
    await detector.say(alarm(), now=clock[0])
    async with mqtt.connect(broker_url) as client:
        channel = await MqttChannel.open(client, redis_client, 0, Policy(), now=lambda: clock[0])
        await actions.pause_audio(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
        await channel.step(block_ms=1)
        async with listening(broker_url) as queue:
            assert not (await asyncio.wait_for(queue.get(), allowed_s(30)))[1]["sounds"]
            clock[0] += 121
            await channel.step(block_ms=1)
            _, told = await asyncio.wait_for(queue.get(), allowed_s(30))
            assert (told["event"], told["sounds"], told["paused_until"]) == (None, True, None)


async def test_mqtt_tells_of_a_standby_and_of_its_end(redis_client, broker_url, detector, alarm):
    clock = [time.time()]
    async with mqtt.connect(broker_url) as client, listening(broker_url) as queue:
        channel = await MqttChannel.open(client, redis_client, 0, Policy(), now=lambda: clock[0])
        begun = {"seconds": 900, "reason": "theatre"}
        await standby_actions.begin(redis_client, 0, BED, {}, "N. N.", **begun)
        await detector.say(alarm(kind="leadoff", priority="technical"), now=clock[0])
        await channel.step(block_ms=1)
        for what in ("standby", "raised"):
            told = await published(queue)
            assert told["event"]["what"] == what
            assert (told["standby"]["reason"], told["standby"]["by"]) == ("theatre", "N. N.")
            assert (told["strongest"], told["sounds"], told["alerts"]) == (None, False, [])
        clock[0] += 901  # nobody has written the end down: the time is up all the same
        await channel.step(block_ms=1)
        told = await published(queue)
        assert (told["event"], told["standby"], told["sounds"]) == (None, None, True)
        assert [one["kind"] for one in told["alerts"]] == ["leadoff"]


async def test_webhooks_tell_of_a_standby(redis_client, receiver, quick):
    await standby_actions.begin(redis_client, 0, BED, {}, "N. N.", seconds=900, reason="care")
    await standby_actions.end(redis_client, 0, BED, "M. M.")
    async with channel(redis_client, receiver) as hook:
        await hook.step(block_ms=1)
    assert receiver.whats == ["standby", "standby_over"]
    over = orjson.loads(receiver.got[1][1])["event"]["standby"]
    assert (over["ended"], over["ended_by"], over["reason"]) == ("person", "M. M.", "care")


async def test_messages_name_the_care_unit_of_the_bed(
    redis_client, detector, alarm, receiver, quick
):
    await detector.say(alarm(), now=time.time())
    settings = Settings(partitions=1)
    await redis_client.hset(keys.roster(0), BED, "1 2")
    desk = UnitDesk(redis_client, settings, "A. Admin")
    unit, other = await desk.add("ICU"), await desk.add("Ward")
    await desk.give_beds(unit.id, {BED: 0})
    async with channel(redis_client, receiver) as hook:
        await hook.step(block_ms=1)
    assert orjson.loads(receiver.got[0][1])["unit"] == {"id": unit.id, "name": "ICU"}
    told: list[Any] = []

    class Broker:
        async def publish(self, topic: str, payload: bytes, **_: Any) -> None:
            told.append((topic, orjson.loads(payload)["unit"]))

    times = iter(range(1_790_000_000, 1_790_001_000, 2))
    broker: Any = Broker()
    state = await MqttChannel.open(broker, redis_client, 0, Policy(), lambda: next(times))
    await state.step(block_ms=1)
    await desk.give_beds(other.id, {BED: 1})
    await state.step(block_ms=1)
    await state.step(block_ms=1)
    topic = keys.alert_topic(BED)
    expected = [{"id": unit.id, "name": "ICU"}, {"id": other.id, "name": "Ward"}]
    assert [one for i, one in enumerate(told) if i == 0 or one != told[i - 1]] == [
        (topic, one) for one in expected
    ]
