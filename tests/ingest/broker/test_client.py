"""Messages are acknowledged by us, come again if they were not, and are bounded in flight."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.client import connect
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.processes import free_port
from ecg_monitor.launch.services import programs
from ecg_monitor.launch.services.start import start_mqtt
from ingest.broker.client import AckingClient, LostError
from ingest.broker.session import acking_client
from tests.support.mute_broker import give_up
from tests.support.waiting import allowed_s, until


@pytest.fixture
def name() -> str:
    """A client id and topic root that no other test uses."""
    return f"test-{uuid.uuid4().hex[:12]}"


async def _publish(url: str, topic: str, payloads: list[bytes], qos: int = 1) -> None:
    async with connect(url) as client:
        for payload in payloads:
            await client.publish(topic, payload, qos=qos)


async def _take(client: AckingClient, count: int, seconds: float = 30.0) -> list:
    taken: list = []
    async with asyncio.timeout(allowed_s(seconds)):
        while len(taken) < count:
            taken += await client.batch(count - len(taken))
    return taken


async def _nothing_comes(client: AckingClient, seconds: float = 0.3) -> bool:
    try:
        await asyncio.wait_for(client.batch(1), seconds)
    except TimeoutError:
        return True
    return False


def _numbers(count: int) -> list[bytes]:
    return [b"%d" % i for i in range(count)]


async def test_unacknowledged_messages_come_again(broker_url: str, name: str) -> None:
    async with acking_client(broker_url, identifier=name, in_flight=100) as client:
        await client.subscribe(f"{name}/#")
        await _publish(broker_url, f"{name}/x", _numbers(10))
        first = await _take(client, 10)
        assert [m.payload for m in first] == _numbers(10)
        client.ack(first[:4])
        await client.subscribe(f"{name}/none")  # answered after what was sent before it
    async with acking_client(broker_url, identifier=name, in_flight=100) as client:
        again = await _take(client, 6)
        assert [m.payload for m in again] == _numbers(10)[4:]
        client.ack(again)
        await client.subscribe(f"{name}/none")
    async with acking_client(broker_url, identifier=name, in_flight=100) as client:
        assert await _nothing_comes(client)


async def test_messages_published_while_away_are_delivered(broker_url: str, name: str) -> None:
    async with acking_client(broker_url, identifier=name, in_flight=100) as client:
        await client.subscribe(f"{name}/#")
    # More than the 1000 that a broker with default settings would keep.
    await _publish(broker_url, f"{name}/x", _numbers(1500))
    async with acking_client(broker_url, identifier=name, in_flight=100) as client:
        received: list[bytes] = []
        while len(received) < 1500:
            batch = await asyncio.wait_for(client.batch(50), allowed_s(30))
            received += [message.payload for message in batch]
            client.ack(batch)
    assert received == _numbers(1500)


async def test_in_flight_is_bounded_until_acknowledged(broker_url: str, name: str) -> None:
    async with acking_client(broker_url, identifier=name, in_flight=8) as client:
        await client.subscribe(f"{name}/#")
        await _publish(broker_url, f"{name}/x", _numbers(20))
        first = await _take(client, 8)
        assert await _nothing_comes(client)
        client.ack(first)
        assert [m.payload for m in await _take(client, 8)] == _numbers(20)[8:16]


async def test_qos_0_flood_is_dropped_and_counted(broker_url: str, name: str) -> None:
    async with acking_client(broker_url, identifier=name, in_flight=8) as client:
        await client.subscribe(f"{name}/#")
        await _publish(broker_url, f"{name}/x", _numbers(50), qos=0)
        await _publish(broker_url, f"{name}/x", [b"last"], qos=1)
        await until(lambda: client.dropped >= 34)
        batch = await _take(client, 17)  # twice those in flight, and the one that had to be kept
        assert client.dropped == 34
        assert batch[-1].payload == b"last"
        assert await _nothing_comes(client)


async def test_arrival_times_are_now(broker_url: str, name: str) -> None:
    async with acking_client(broker_url, identifier=name, in_flight=8) as client:
        await client.subscribe(f"{name}/#")
        await _publish(broker_url, f"{name}/x", [b"x"])
        (message,) = await client.batch(9)
        assert message.topic == f"{name}/x"
        assert abs(message.arrival - time.time()) < 20.0
        assert abs(message.clock - time.monotonic()) < 20.0


async def test_lost_connection_raises(tmp_path, name: str) -> None:
    service = start_mqtt(Settings(state=str(tmp_path)))

    async def wait_for_messages() -> None:
        async with acking_client(service.url, identifier=name, in_flight=8) as client:
            await client.subscribe(f"{name}/#")
            asyncio.get_running_loop().call_later(0.1, service.process.kill)
            await asyncio.wait_for(client.batch(1), allowed_s(30))

    try:
        with pytest.raises(LostError):
            await wait_for_messages()
    finally:
        service.stop()


async def test_a_connection_that_is_given_up_leaves_nothing_open(name: str) -> None:
    await give_up(lambda url: acking_client(url, identifier=name, in_flight=8))


async def test_wrong_password_names_the_setting(guarded_broker: str, name: str) -> None:
    began = time.monotonic()
    url = f"mqtt://nurse:wrong-secret@{guarded_broker}"
    with pytest.raises(ServiceError, match="password in ECG_MQTT_URL") as caught:
        async with acking_client(url, identifier=name, in_flight=8):
            pass
    assert time.monotonic() - began < allowed_s(20.0)
    assert "wrong-secret" not in str(caught.value)


async def test_broker_of_mqtt_3_is_spoken_to_as_such(tmp_path, name: str) -> None:
    folder = tmp_path / "amqtt"
    folder.mkdir()
    port = free_port()
    program = programs.amqtt(port, folder)
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        *program.command, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with connect(f"mqtt://127.0.0.1:{port}", patience_s=60.0):
            pass
        url = f"mqtt://127.0.0.1:{port}"
        async with acking_client(url, identifier=name, in_flight=8) as client:
            await client.subscribe(f"{name}/#")
            await _publish(url, f"{name}/x", [b"x"])
            (message,) = await _take(client, 1)
            client.ack([message])
    finally:
        process.kill()
        await process.wait()
