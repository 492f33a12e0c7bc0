"""Delivery: MQTT state, webhook, at least once whatever fails; against real servers."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import signal
import sys
import time
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest
from aiohttp import web

from ecg_monitor import keys, mqtt
from ecg_monitor.alerts import actions, webhook
from ecg_monitor.alerts.messages import signature
from ecg_monitor.alerts.policy import Policy
from ecg_monitor.alerts.publish import MqttChannel
from ecg_monitor.alerts.webhook import Outcome, WebhookChannel, judge, pause_before
from ecg_monitor.settings import Settings, to_environ

BED = "bed-01"
ASYSTOLE = "bed-01/boot1/asystole/1000"


class Receiver:
    """An HTTP server whose behaviour the test sets: a status, or hanging."""

    def __init__(self) -> None:
        self.answers: list[int | str] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "hang":
            await asyncio.sleep(60)
        return web.Response(status=int(answer))

    @property
    def whats(self) -> list[str]:
        return [orjson.loads(body)["event"]["what"] for _, body in self.got]


@contextlib.asynccontextmanager
async def serving(receiver: Receiver) -> AsyncIterator[Receiver]:
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with serving(Receiver()) as one:
        yield one


@pytest.fixture
def quick(monkeypatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(webhook, "BACKOFF_FIRST_S", 0.01)


@contextlib.asynccontextmanager
async def channel(store, receiver, **settings) -> AsyncIterator[WebhookChannel]:
    chosen = Settings(partitions=1, webhook_url=receiver.url, **settings)
    async with aiohttp.ClientSession() as session:
        yield await WebhookChannel.open(session, store, 0, chosen)


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


async def test_nobody_listens_then_somebody_does(redis_client, detector, alarm, quick):
    receiver = Receiver()
    async with serving(receiver):
        url = receiver.url
    await detector.say(alarm(), now=time.time())
    receiver.url = url
    async with channel(redis_client, receiver) as hook:
        step = asyncio.create_task(hook.step(block_ms=1))
        await asyncio.sleep(0.1)
        assert not step.done()
        step.cancel()
        await asyncio.wait([step])
    async with serving(receiver), channel(redis_client, receiver) as hook:
        await hook.step(block_ms=1)
    assert receiver.whats == ["raised"], "the cursor had not moved"


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


def test_pauses_grow_to_a_bound():
    waits = [pause_before(attempt, 1.0) for attempt in range(1, 50)]
    assert waits == sorted(waits)
    assert waits[0] == webhook.BACKOFF_FIRST_S
    assert waits[-1] == webhook.BACKOFF_MOST_S
    assert pause_before(1, 0.0) == webhook.BACKOFF_FIRST_S / 2


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
        yield queue
        task.cancel()
        await asyncio.wait([task])


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
        whats = [(await asyncio.wait_for(queue.get(), 5))[1]["event"]["what"] for _ in range(3)]
        assert whats == ["raised", "raised", "cleared"], "even what was over at once is told"
        await channel.step(block_ms=1)
        assert queue.empty(), "nothing new, nothing told"
        await actions.acknowledge(redis_client, 0, BED, {ASYSTOLE: "high"}, "N. N.")
        await channel.step(block_ms=1)
        _, told = await asyncio.wait_for(queue.get(), 5)
        assert told["event"]["who"] == "N. N."
    async with listening(broker_url) as queue:
        message, kept = await asyncio.wait_for(queue.get(), 5)
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
            assert not (await asyncio.wait_for(queue.get(), 5))[1]["sounds"]
            clock[0] += 121
            await channel.step(block_ms=1)
            _, told = await asyncio.wait_for(queue.get(), 5)
            assert (told["event"], told["sounds"], told["paused_until"]) == (None, True, None)


async def start_process(settings: Settings) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ecg_monitor.cli", "deliver"),
        env={**os.environ, **to_environ(settings)},
    )


async def test_a_process_killed_again_and_again_delivers_every_change(
    redis_client, redis_url, broker_url, detector, alarm, receiver
):
    settings = Settings(
        partitions=1, redis_url=redis_url, mqtt_url=broker_url, webhook_url=receiver.url
    )
    receiver.answers = [503]
    wanted = []
    for round_ in range(3):
        process = await start_process(settings)
        for i in range(5):
            n = 100 * round_ + i
            wanted.append(n)
            await detector.say(alarm(n=n), now=time.time() - 59)
            await asyncio.sleep(0.05)
        deadline = time.monotonic() + 20
        while len(receiver.got) <= 5 * round_ and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    process = await start_process(settings)
    deadline = time.monotonic() + 20

    def seen(what: str) -> set[int]:
        told = [orjson.loads(body) for _, body in receiver.got]
        return {one["alert"]["n"] for one in told if one["event"]["what"] == what}

    while time.monotonic() < deadline and not (seen("raised") == seen("escalated") == set(wanted)):
        await asyncio.sleep(0.05)
    process.terminate()
    assert await process.wait() == 0
    assert seen("raised") == set(wanted)
    assert seen("escalated") == set(wanted)
    marks = [e for _, e in await actions.read_trail(redis_client, 0) if e.what == "escalated"]
    assert len(marks) == len(wanted), "each escalation is in the trail once"
