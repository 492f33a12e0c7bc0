"""What a broker had acknowledged and lost comes again, since devices are told what is stored."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import Store
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import Service, start_mqtt
from simulator.fleet import Fleet
from simulator.ward import WardRequest, build_ward
from tests.support.waiting import eventually, until

SECONDS, SPEED = 60.0, 4.0


class ForgetfulBroker:
    """A broker that keeps nothing when it is killed."""

    def __init__(self, service: Service) -> None:
        assert service.process is not None
        self.url = service.url
        self._service = service
        conf = Path(str(service.process.args[2]))
        conf.write_text(conf.read_text().replace("persistence true", "persistence false"))
        self.kill()
        self.start()

    def kill(self) -> None:
        assert self._service.process is not None
        self._service.process.kill()
        self._service.process.wait()

    def start(self) -> None:
        self._service.restart()

    def stop(self) -> None:
        self._service.stop()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[ForgetfulBroker]:
    one = ForgetfulBroker(start_mqtt(Settings(state=str(tmp_path))))
    yield one
    one.stop()


async def test_nothing_is_lost_with_the_broker(
    broker: ForgetfulBroker, redis_client: Store, redis_url: str, start_ingest: Callable
) -> None:
    settings = Settings(mqtt_url=broker.url, redis_url=redis_url, partitions=1)
    ingest = start_ingest(settings)
    await eventually(lambda: _connected(redis_client))
    wishes = WardRequest(scenarios=("sinus",), loop=False, duration_s=SECONDS, prefix="kept")
    ward = build_ward(wishes, Settings())
    ward_fs = ward.plans[0].meta["fs"]
    fleet = Fleet(ward.plans, broker.url, speed=SPEED, packet_s=wishes.packet_s)
    playing = asyncio.create_task(fleet.run())

    async def flowing() -> bool:
        return len(await _stored(redis_client)) >= 20

    await eventually(flowing)
    await until(lambda: fleet.confirmed)
    ingest.send_signal(signal.SIGSTOP)
    acked = fleet.acked
    await until(lambda: fleet.acked >= acked + 20)  # the broker has them, and nobody else
    broker.kill()
    broker.start()
    ingest.send_signal(signal.SIGCONT)
    await playing
    assert fleet.resent > 0  # ingest may have had some of the twenty before it stopped
    assert fleet.given_up == 0
    spans = sorted(await _stored(redis_client))
    reached = 0
    for n0, n1 in spans:
        assert n0 <= reached, f"samples {reached} to {n0} are lost"
        reached = max(reached, n1)
    assert math.isclose(reached / ward_fs, SECONDS, abs_tol=0.5)


@pytest.fixture
def start_ingest():
    """Starts ingest processes, which do not outlive the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(settings: Settings) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ecg_monitor.cli", "ingest"]
        started.append(processes.start(command, environ=os.environ | to_environ(settings)))
        return started[-1]

    yield start
    for process in started:
        process.send_signal(signal.SIGCONT)
    processes.stop(started, 5.0)


async def _connected(client: Store) -> bool:
    return any(b'"broker_away_s":0.0' in text for text in await client.hvals(keys.THROUGHPUT))


async def _stored(client: Store) -> list[tuple[int, int]]:
    found = []
    for _, fields in await client.xrange(keys.wave(0)):
        packet = wire.read(fields[b"p"], fields[b"d"].decode())
        found.append((packet.n0, packet.n1))
    return found
