"""Who only publishes is told in words what is wrong, and leaves nothing open."""

from __future__ import annotations

import asyncio
import gc
import time

import pytest

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.client import connect
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.processes import free_port
from ecg_monitor.launch.services import programs
from ecg_monitor.launch.services.start import start_mqtt
from tests.support.mute_broker import give_up
from tests.support.waiting import allowed_s, until


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


async def test_a_connection_that_is_given_up_leaves_nothing_open() -> None:
    await give_up(connect)


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


async def test_wrong_password_names_the_setting(guarded_broker: str) -> None:
    began = time.monotonic()
    with pytest.raises(ServiceError, match="password in ECG_MQTT_URL") as caught:
        async with connect(f"mqtt://nurse:wrong-secret@{guarded_broker}", patience_s=90):
            pass
    assert time.monotonic() - began < allowed_s(20.0)
    assert "wrong-secret" not in str(caught.value)


async def test_right_password(guarded_broker: str) -> None:
    async with connect(f"mqtt://nurse:right@{guarded_broker}") as client:
        await client.publish("x", b"")
