"""Two brokers in front of one system; one of them dies or hangs, and comes back."""

from __future__ import annotations

import dataclasses
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import Service, start_mqtt, start_redis
from tests.end_to_end.conftest import System
from tests.support.two_patients import (
    COMPILED_WITHIN_S,
    SECONDS,
    Found,
    check,
    simulate_once_it_works,
    wait_for_events,
)
from tests.support.waiting import allowed_s, wait_until

pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 240)

BEDS = ("bed-01", "bed-02")
"""The first begins at the first broker, the second at the second."""


@dataclasses.dataclass
class TwoBrokers(System):
    """A system behind two brokers."""

    brokers: list[Service] = dataclasses.field(default_factory=list)

    def signal(self, index: int, number: int) -> None:
        process = self.brokers[index].process
        assert process is not None
        process.send_signal(number)
        if number == signal.SIGKILL:
            process.wait()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[TwoBrokers]:
    settings = Settings(state=str(tmp_path), secret="for tests only", partitions=2)
    brokers = [start_mqtt(Settings(state=str(tmp_path / name))) for name in ("a", "b")]
    redis = start_redis(settings)
    urls = ",".join(one.url for one in brokers)
    settings = dataclasses.replace(settings, mqtt_url=urls, redis_url=redis.url)
    system = TwoBrokers(settings, tmp_path, brokers=brokers)
    try:
        yield system
    finally:
        for index in range(2):
            system.signal(index, signal.SIGCONT)
        processes.stop(system.started, 5.0)
        for service in (*brokers, redis):
            service.stop()


@pytest.fixture
def found(system: TwoBrokers) -> Iterator[Found]:
    found = Found(system.settings.redis_url, system.settings.partitions)
    yield found
    found.close()


def conditions(found: Found) -> dict[str, str]:
    """What is wrong with the system, with what there is to say."""
    kept = found.of(0).hgetall(keys.SYSTEM)
    return {name.decode(): orjson.loads(text)["detail"] for name, text in kept.items()}


def wait_until_told(system: TwoBrokers, found: Found, index: int) -> None:
    """Wait until it is said that a broker is away, and which."""
    name = f"broker {index + 1} of 2, {system.brokers[index].url.removeprefix('mqtt://')}"
    wait_until(
        lambda: name in conditions(found).get("broker_away", ""),
        why=lambda: f"{conditions(found)}\n{system.log('ingest')}\n{system.log('deliver')}",
    )


def status(found: Found, device: str) -> str:
    """What the device says of itself, as pages are told."""
    text = found.of(0).hget(keys.devices(keys.partition_of(device, 2)), device)
    return str(orjson.loads(text)["status"]["state"]) if text else ""


def test_brokers_die_and_hang_and_no_bed_loses_anything(
    system: TwoBrokers, mitdb: Path, found: Found
) -> None:
    parts = [system.start(name) for name in ("ingest", "detect", "deliver")]
    wait_until(lambda: system.log("ingest").count("receiving from the broker") == 2)
    simulator = simulate_once_it_works(system, mitdb, found, speed=3)
    wait_for_events(system, found, simulator, 40)
    assert set(found.events()) == set(BEDS), "each has come in through a broker of its own"

    system.signal(0, signal.SIGKILL)
    wait_until_told(system, found, 0)
    count = len(found.events()[BEDS[0]])
    wait_until(lambda: len(found.events()[BEDS[0]]) > count + 10, why=lambda: system.log("ingest"))
    assert conditions(found).keys() == {"broker_away"}, "and nothing else is wrong"
    system.brokers[0].restart()
    wait_until(lambda: not conditions(found), why=lambda: str(conditions(found)))

    system.signal(1, signal.SIGSTOP)  # it takes connections, and says nothing
    wait_until_told(system, found, 1)
    assert simulator.wait(allowed_s(120)) == 0, system.log("simulate")
    system.signal(1, signal.SIGCONT)  # what it has kept for ingest comes now, once more
    check(found, mitdb, system)
    wait_until(lambda: "broker_away" not in conditions(found), why=lambda: str(conditions(found)))
    said = system.log("simulate")
    assert int(re.findall(r"reconnects (\d+)", said)[-1]) >= 3, said
    for device in BEDS:
        wait_until(lambda: status(found, device) == "offline")  # noqa: B023
        check_samples(found, device)
    assert [process.poll() for process in parts] == [None] * len(parts)
    assert not any("Traceback" in system.log(name) for name in ("ingest", "detect", "deliver"))


def check_samples(found: Found, device: str) -> None:
    """Every sample is in the bed's stream, and none came too late."""
    partition = keys.partition_of(device, 2)
    packets = [
        wire.read(fields[b"p"], device)
        for _, fields in found.of(partition).xrange(keys.wave(partition))
        if fields[b"d"] == device.encode()
    ]
    spans = sorted({(packet.n0, packet.n1) for packet in packets})
    reached = 0
    for n0, n1 in spans:
        assert n0 == reached, f"samples {reached} to {n0} are missing"
        reached = n1
    assert reached == round(SECONDS * packets[0].fs)
    counters = found.of(partition).hgetall(keys.counters(partition))
    by_name = {
        name.decode().split("|")[1]: int(value)
        for name, value in counters.items()
        if name.decode().split("|")[0] == device
    }
    assert by_name["samples_missing"] == by_name["samples_late"] == 0
