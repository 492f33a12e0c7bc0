"""Messages are acknowledged by us, come again if they were not, and are bounded in flight."""

from __future__ import annotations

import asyncio
import gc
import time
import uuid

import aiomqtt
import pytest

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.client import AckingClient, acking_client, connect
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.processes import free_port
from ecg_monitor.launch.services import programs
from ecg_monitor.launch.services.start import start_mqtt
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
    async with asyncio.timeout(seconds):
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
            batch = await asyncio.wait_for(client.batch(50), 30.0)
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
            await asyncio.wait_for(client.batch(1), 30.0)

    try:
        with pytest.raises(aiomqtt.MqttError):
            await wait_for_messages()
    finally:
        service.stop()


async def test_who_is_stopped_after_the_broker_has_gone_leaves_no_error_behind(tmp_path) -> None:
    """Who only publishes learns of the end at the next message; stopped before, it asks nobody."""
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what["message"]))
    service = start_mqtt(Settings(state=str(tmp_path)))
    try:
        async with connect(service.url) as client:
            await client.publish("test/x", b"1", qos=1)
            service.process.kill()
            await until(client._disconnected.done)
    finally:
        service.stop()
    del client
    gc.collect()
    assert not told


async def test_unreachable_broker_is_told_after_our_patience() -> None:
    url = f"mqtt://127.0.0.1:{free_port()}"
    for patience, least, most in ((0.0, 0.0, 10.0), (0.7, 0.2, 10.0)):
        began = time.monotonic()
        with pytest.raises(ServiceError, match="ECG_MQTT_URL"):
            async with connect(url, patience_s=patience):
                pass
        assert least <= time.monotonic() - began < allowed_s(most)


@pytest.mark.parametrize("acking", [False, True])
async def test_a_connection_that_is_given_up_leaves_nothing_open(acking: bool, name: str) -> None:
    """The broker takes the connection and says nothing; who waits for it is told to end."""
    came, gone = asyncio.Event(), asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    async def wait_for_it(url: str) -> None:
        opening = acking_client(url, identifier=name, in_flight=8) if acking else connect(url)
        async with opening:
            pass

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    url = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        gc.disable()  # it would close the connection too, some time
        try:
            waiting = asyncio.create_task(wait_for_it(url))
            await came.wait()
            await asyncio.sleep(0.1)
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()
            await asyncio.wait_for(gone.wait(), 10.0)  # sooner than for want of a sign of life
        finally:
            gc.enable()


async def test_patience_rides_out_a_late_broker(tmp_path) -> None:
    port = free_port()
    program = programs.mosquitto(port, tmp_path)
    if program is None:
        pytest.skip("mosquitto is not installed")

    async def start_late() -> asyncio.subprocess.Process:
        await asyncio.sleep(0.4)
        return await asyncio.create_subprocess_exec(*program.command)

    late = asyncio.create_task(start_late())
    async with connect(f"mqtt://127.0.0.1:{port}", patience_s=30.0) as client:
        await client.publish("x", b"")
    process = await late
    process.terminate()
    await process.wait()


@pytest.mark.parametrize("acking", [False, True])
async def test_wrong_password_names_the_setting(guarded_broker: str, acking: bool, name) -> None:
    began = time.monotonic()
    url = f"mqtt://nurse:wrong-secret@{guarded_broker}"
    context = (
        acking_client(url, identifier=name, in_flight=8) if acking else connect(url, patience_s=90)
    )
    with pytest.raises(ServiceError, match="password in ECG_MQTT_URL") as caught:
        async with context:
            pass
    assert time.monotonic() - began < allowed_s(20.0)
    assert "wrong-secret" not in str(caught.value)


async def test_right_password(guarded_broker: str) -> None:
    async with connect(f"mqtt://nurse:right@{guarded_broker}") as client:
        await client.publish("x", b"")


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
