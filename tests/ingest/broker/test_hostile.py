"""A broker that breaks the rules, falls silent or does not read: an error in words, and no harm."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import fields
from ecg_monitor.core.mqtt.client import UnreachableError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.core.wire import MAX_PAYLOAD
from ingest.broker import client as client_module
from ingest.broker import session
from ingest.broker.client import LostError
from ingest.broker.session import acking_client
from tests.support.waiting import eventually

WELCOME = b"\x20\x03\x00\x00\x00"
PATIENCE_S = 60.0

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def broker(behaviour: Behaviour) -> AsyncIterator[str]:
    """A broker that reads CONNECT, and then behaves as told."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None
        serving.add(own)
        # Streams log a task that is cancelled as a defect.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await packet(reader)
            await behaviour(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await cancel_all(serving)


async def packet(reader: asyncio.StreamReader) -> bytes:
    """Read a packet whose length takes one byte."""
    first, length = await reader.readexactly(2)
    return bytes((first, length)) + await reader.readexactly(length)


async def wait_for_messages(url: str) -> None:
    async with asyncio.timeout(PATIENCE_S), acking_client(url, identifier="x", in_flight=8) as one:
        await one.batch(1)


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x05\x00\xfft\x00h",
        b"\x34\x08\x00\x01t\x00\x01\x00hi",
        b"\x30\xff\xff\xff\xff\x01",
        b"\xd0\xff\xff\xff\x7f",
        b"\x82\x03\x00\x01\x00",
        b"GET / HTTP/1.1",
    ],
)
async def test_what_breaks_the_standard_ends_the_connection(data: bytes) -> None:
    gone = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + data)
        with contextlib.suppress(OSError):
            await reader.read()
        gone.set()

    async with broker(behave) as url:
        with pytest.raises(LostError, match="given up: it sends"):
            await wait_for_messages(url)
        await asyncio.wait_for(gone.wait(), PATIENCE_S)


async def test_a_message_that_is_cut_off_ends_the_connection() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + b"\x32\xff\xff\xff\x7f\x00\x01t\x00\x07\x00half")

    async with broker(behave) as url:
        with pytest.raises(LostError, match="lost"):
            await wait_for_messages(url)


async def test_a_message_that_is_too_long_is_acknowledged_and_does_not_come_again() -> None:
    acknowledged: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + b"\x32" + fields.length(20_000_006) + b"\x00\x01t\x00\x07\x00")
        for _ in range(200):
            writer.write(bytes(100_000))
            await writer.drain()
        acknowledged.set_result(await packet(reader))
        await reader.read()

    async with (
        asyncio.timeout(PATIENCE_S),
        broker(behave) as url,
        acking_client(url, identifier="x", in_flight=8) as one,
    ):
        messages = await one.batch(9)
        assert [MAX_PAYLOAD < len(message.payload) < 2 * MAX_PAYLOAD for message in messages] == [
            True
        ]
        one.ack(messages)
        assert await acknowledged == b"\x40\x02\x00\x07"


@pytest.mark.parametrize("keepalive", [b"", b"\x03\x13\x00\x01"])
async def test_silence_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, keepalive: bytes
) -> None:
    """After our own keep-alive interval, or that which the broker wants."""
    monkeypatch.setattr(client_module, "KEEPALIVE_S", 1000.0 if keepalive else 0.2)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(fields.packet(0x20, b"\x00\x00" + (keepalive or b"\x00")))
        while await reader.read(100):
            pass

    async with broker(behave) as url:
        with pytest.raises(LostError, match="silent"):
            await wait_for_messages(url)


async def test_who_answers_signs_of_life_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "KEEPALIVE_S", 0.1)
    heard = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        writer.write(WELCOME)
        while await packet(reader) == fields.PINGREQ:
            heard += 1
            writer.write(b"\xd0\x00")
            if heard == 8:
                writer.write(b"\x32\x06\x00\x01t\x00\x07\x00")

    async with broker(behave) as url:
        await wait_for_messages(url)
    assert heard == 8


async def test_of_what_a_broker_does_not_read_little_is_kept() -> None:
    """Receipts are thrown away; what is received goes on being received."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + b"\x32\x06\x00\x01t\x00\x07\x00")
        await asyncio.sleep(PATIENCE_S)

    async with (
        asyncio.timeout(PATIENCE_S),
        broker(behave) as url,
        acking_client(url, identifier="x", in_flight=8) as one,
    ):
        await one.batch(1)
        for _ in range(300):  # 30 MB
            one.publish("t", bytes(100_000))
            await asyncio.sleep(0)
        assert one.unsent_bytes < 2_000_000


async def test_an_inbox_that_is_full_of_bytes_stops_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client_module, "MOST_HELD_BYTES", 1_000_000)
    sent = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(WELCOME)
        for mid in range(1, 201):
            body = b"\x00\x01t" + mid.to_bytes(2, "big") + b"\x00" + bytes(100_000)
            writer.write(fields.packet(0x32, body))
            await writer.drain()
            sent = mid
        await reader.read()

    async with (
        asyncio.timeout(PATIENCE_S),
        broker(behave) as url,
        acking_client(url, identifier="x", in_flight=200) as one,
    ):
        received = len(await one.batch(1))
        former = -1
        while sent != former:
            former = sent
            await asyncio.sleep(0.2)
        assert sent < 200
        while received < 200:
            received += len(await one.batch(16))


async def test_what_comes_within_a_pause_is_read_together() -> None:
    """The first message is read at once, those that follow it in one look."""
    looks: list[int] = []

    def gather_s(messages: int) -> float:
        looks.append(messages)
        return 2.0 if len(looks) == 1 else 0.0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + b"\x32\x06\x00\x01t\x00\x01\x00")
        await first_is_there.wait()
        for mid in range(2, 6):
            writer.write(b"\x32\x06\x00\x01t\x00" + bytes((mid, 0)))
            await writer.drain()
        await reader.read()

    first_is_there = asyncio.Event()
    async with (
        asyncio.timeout(PATIENCE_S),
        broker(behave) as url,
        acking_client(url, identifier="x", in_flight=8, gather_s=gather_s) as one,
    ):
        assert [message.mid for message in await one.batch(9)] == [1]
        first_is_there.set()
        assert [message.mid for message in await one.batch(9)] == [2, 3, 4, 5]
    assert looks == [2, 4]


@pytest.mark.parametrize("fall_back", [False, True])
async def test_a_broker_that_hangs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, fall_back: bool
) -> None:
    monkeypatch.setattr(session, "MQTT5_TIMEOUT_S", 0.2)
    monkeypatch.setattr(session, "CONNECT_TIMEOUT_S", 0.2)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with broker(behave) as url:
        with pytest.raises(UnreachableError, match="does not answer"):
            async with acking_client(url, identifier="x", in_flight=8, fall_back=fall_back):
                pass


@pytest.mark.parametrize("code", [0x84, 1])
async def test_a_broker_that_refuses_mqtt_5_is_spoken_to_in_3(code: int) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes((0x20, 3, 0, code, 0)) if code > 5 else bytes((0x20, 2, 0, code)))
        await reader.read()

    async with broker(behave) as url:
        with pytest.raises(UnreachableError, match="unsupported protocol version"):
            async with acking_client(url, identifier="x", in_flight=8):
                pass


async def test_a_subscription_that_is_refused_says_why() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME)
        while (asked := await packet(reader))[0] != 0x82:
            writer.write(b"\xd0\x00")
        writer.write(b"\x90\x04" + asked[2:4] + b"\x00\x87")
        await reader.read()

    async with broker(behave) as url, acking_client(url, identifier="x", in_flight=8) as one:
        with pytest.raises(ServiceError, match="to topic/#: not authorised"):
            await one.subscribe("topic/#")


async def test_ingest_outlives_a_broker_that_sends_nonsense(
    redis_client: Store, redis_url: str, running: Callable[..., Any]
) -> None:
    """It comes again, and takes what then comes."""
    came = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        writer.write(WELCOME)
        if came < 4:
            writer.write(b"\x30\x05\x00\xfft\x00h")
        while True:
            asked = await packet(reader)
            if asked[0] == 0x82:
                writer.write(b"\x90\x04" + asked[2:4] + b"\x00\x01")
                topic = fields.text(keys.wave_topic("nonsense-bed"))
                writer.write(fields.packet(0x32, topic + b"\x00\x07\x00{}"))

    async with broker(behave) as url:
        settings = Settings(mqtt_url=url, redis_url=redis_url, partitions=1)
        async with running(settings, redis_client) as work:

            async def refused() -> bool:
                return bool(await redis_client.xlen(keys.refusals(0)))

            await eventually(refused)
            assert came >= 4
            assert not work.done()
