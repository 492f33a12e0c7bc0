"""Ingest is back before devices are, says how its connection is, and does not fight for its id."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from pathlib import Path

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import start_mqtt
from ingest.broker.client import SessionTakenError
from ingest.broker.link import PAUSE_S, SHORT_LIVED_MOST, TAKEN_FIRST_S, LinkFigures
from ingest.broker.session import acking_client
from ingest.service import Ingest
from tests.support.waiting import allowed_s, eventually


def test_the_pause_is_short_however_long_the_broker_is_away() -> None:
    link = LinkFigures(0.0)
    link.connected(0.0)
    assert {link.lost(10.0 + at, taken=False) for at in range(100)} == {PAUSE_S}
    assert link.summary(109.0) == {"broker_away_s": 99.0, "broker_lost": 0, "session_taken": 0}
    link.connected(110.0)
    assert link.summary(110.0)["broker_away_s"] == 0.0


def test_of_one_outage_not_every_try_is_said() -> None:
    link = LinkFigures(0.0)
    assert [link.worth_saying(at) for at in (0.0, 1.0, 9.0, 11.0, 12.0)] == [
        *(True, False, False, True, False)
    ]


def test_a_session_that_is_taken_again_and_again_makes_the_pauses_grow() -> None:
    link, clock, pauses = LinkFigures(0.0), 0.0, []
    for _ in range(4):
        link.connected(clock)
        clock += 0.2
        pauses.append(link.lost(clock, taken=True))
    assert pauses == [TAKEN_FIRST_S, 2 * TAKEN_FIRST_S, 4 * TAKEN_FIRST_S, 8 * TAKEN_FIRST_S]
    assert link.summary(clock)["session_taken"] == 4
    link.connected(clock)
    assert link.lost(clock + 3600, taken=False) == PAUSE_S
    link.connected(clock)
    assert link.lost(clock + 3600, taken=True) == TAKEN_FIRST_S


def test_connections_that_end_at_once_are_taken_for_it() -> None:
    """A broker of MQTT 3.1.1 does not say why."""
    link, pauses = LinkFigures(0.0), []
    for at in range(SHORT_LIVED_MOST):
        link.connected(float(at))
        pauses.append(link.lost(at + 0.3, taken=False))
    assert pauses == [*[PAUSE_S] * (SHORT_LIVED_MOST - 1), TAKEN_FIRST_S]


@pytest.mark.parametrize("at_once", [False, True])
async def test_the_broker_says_that_another_took_the_session(at_once: bool) -> None:
    """A broker that keeps to MQTT 5 gives the reason; mosquitto 2.0.11 closes without a word.

    An end that comes together with the welcome is noticed too.
    """
    connected = asyncio.Event()

    async def broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"\x20\x03\x00\x00\x00")  # welcome
        if not at_once:
            await connected.wait()
        writer.write(b"\xe0\x02\x8e\x00")  # DISCONNECT: session taken over
        await reader.read()
        writer.close()

    async def wait_for_messages(url: str) -> None:
        async with acking_client(url, identifier="one", in_flight=8) as client:
            connected.set()
            await client.batch(1)

    server = await asyncio.start_server(broker, "127.0.0.1", 0)
    async with server:
        url = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(SessionTakenError):
            await wait_for_messages(url)


async def test_two_with_one_id_do_not_throw_each_other_out_for_ever(
    settings: Settings, redis_client: Store
) -> None:
    name = f"in-{uuid.uuid4().hex[:8]}"
    both = [Ingest(settings, redis_client, name=name) for _ in range(2)]
    working = [asyncio.create_task(one.run()) for one in both]

    def count(figure: str) -> float:
        return sum(one.figures()[figure] for one in both)

    async def told() -> bool:
        return count("session_taken") > 0

    await eventually(told)
    lost = count("broker_lost")
    await asyncio.sleep(2.0)  # in which they would lose twenty more
    assert count("broker_lost") <= lost + SHORT_LIVED_MOST
    await cancel_all(working)


async def test_ingest_is_back_at_a_new_broker_before_a_device_that_waits_a_second(
    redis_client: Store, redis_url: str, running, tmp_path: Path
) -> None:
    """The new broker knows no session: what comes before ingest would be thrown away."""
    service = start_mqtt(Settings(state=str(tmp_path)))
    settings = Settings(mqtt_url=service.url, redis_url=redis_url)

    async def connected(since: float) -> bool:
        """Whether ingest says in Redis that it is connected, in a report after a time."""
        for text in await redis_client.hvals(keys.THROUGHPUT):
            said = json.loads(text)
            if said["t"] > since and said["broker_away_s"] == 0.0:
                return True
        return False

    async with running(settings, redis_client):
        await eventually(lambda: connected(0.0))
        service.stop()
        for path in (tmp_path / "mqtt").glob("*.db"):
            path.unlink()
        await asyncio.sleep(3.0)  # the pauses would have grown by now
        assert service.process is not None
        again = processes.start([str(word) for word in service.process.args])
        try:
            host, port = "127.0.0.1", int(service.url.rpartition(":")[2])
            while not processes.answers(host, port):
                await asyncio.sleep(0.01)
            began = time.time()
            await eventually(lambda: connected(began))
            assert time.time() - began < allowed_s(10.0)
        finally:
            processes.stop([again], 2.0)
