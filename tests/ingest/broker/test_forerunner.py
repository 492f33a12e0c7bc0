"""The session is there before devices are, and what comes into it reaches ingest."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiomqtt
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.mqtt.url import BrokerUrl, parse_url
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import start_mqtt
from ingest.broker import session
from ingest.broker.forerunner import hold_session, is_near
from ingest.broker.packets import Version

NAME = "early"
WAVE = "ecg/v1/bed/wave"
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker beside other tests may take its time to answer."""
    monkeypatch.setattr("ingest.broker.forerunner.OPENING_S", PATIENCE_S)
    monkeypatch.setattr(session, "MQTT5_TIMEOUT_S", PATIENCE_S)


async def held(broker: BrokerUrl, version: Version, within_s: float = PATIENCE_S) -> bool:
    return await hold_session(
        broker,
        version=version,
        identifier=NAME,
        in_flight=8,
        filters=[keys.WAVE_FILTER, keys.STATUS_FILTER],
        within_s=within_s,
    )


async def received(url: str, count: int, version: Version = "5") -> list[bytes]:
    """What comes to a client that takes the session over and subscribes to nothing."""
    payloads: list[bytes] = []
    async with asyncio.timeout(PATIENCE_S):
        async with session.acking_client(url, identifier=NAME, in_flight=8) as client:
            assert client.version == version
            while len(payloads) < count:
                messages = await client.batch(count)
                client.ack(messages)
                payloads += [one.payload for one in messages]
    return payloads


async def test_a_broker_that_comes_up_keeps_what_is_published_before_ingest_is_back(
    tmp_path: Path,
) -> None:
    service = start_mqtt(Settings(state=str(tmp_path)))
    service.stop()
    assert service.process is not None
    holding = asyncio.create_task(held(parse_url(service.url), "5"))
    again = processes.start([str(word) for word in service.process.args])
    try:
        assert await holding
        async with mqtt.connect(service.url, patience_s=PATIENCE_S) as device:
            for number in range(5):
                await device.publish(WAVE, str(number), qos=1)
        assert await received(service.url, 5) == [b"0", b"1", b"2", b"3", b"4"]
    finally:
        processes.stop([again], 2.0)


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_it_acknowledges_nothing(broker_url: str, version: Version) -> None:
    async with mqtt.connect(broker_url, patience_s=PATIENCE_S) as device:
        await device.publish("ecg/v1/bed/status", "online", qos=1, retain=True)
    assert await held(parse_url(broker_url), version)
    if version == "5":
        assert await received(broker_url, 1) == [b"online"]
        return
    client = aiomqtt.Client(
        *("127.0.0.1", parse_url(broker_url).port), identifier=NAME, clean_session=False
    )
    async with asyncio.timeout(PATIENCE_S), client:
        async for message in client.messages:
            assert message.payload == b"online"
            break


async def test_where_nobody_listens_it_gives_up_in_time() -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        broker = parse_url(f"mqtt://127.0.0.1:{taken.getsockname()[1]}")
        assert not await held(broker, "5", within_s=0.05)


async def test_who_listens_and_does_not_answer_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingest.broker.forerunner.OPENING_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker = parse_url(f"mqtt://127.0.0.1:{silent.getsockname()[1]}")
        assert not await asyncio.wait_for(held(broker, "5"), PATIENCE_S)


async def test_who_hangs_up_is_told_from_a_broker() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        broker = parse_url(f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert not await asyncio.wait_for(held(broker, "5"), PATIENCE_S)


async def test_a_subscription_that_is_refused_is_not_taken_for_one() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):  # a try of the port sends nothing
            writer.write(b"\x20\x03\x00\x00\x00" + b"\x90\x05\x00\x01\x00\x01\x87")
            await reader.read()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        broker = parse_url(f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert not await asyncio.wait_for(held(broker, "5"), PATIENCE_S)


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True),
     ("10.0.0.1", False), ("broker", False), ("broker.example.org", False)],
)  # fmt: skip
def test_tries_are_close_together_on_this_machine_alone(host: str, near: bool) -> None:
    assert is_near(host) is near
