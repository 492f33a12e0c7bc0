"""Two Redis servers hold the partitions of one system; one of them dies, and comes back."""

from __future__ import annotations

import dataclasses
import itertools
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import Service, start_mqtt, start_redis
from tests.end_to_end.conftest import System
from tests.support.cluster import Commits
from tests.support.two_patients import (
    COMPILED_WITHIN_S,
    SECONDS,
    Found,
    check,
    simulate_once_it_works,
    wait_for_events,
)
from tests.support.waiting import allowed_s, wait_until

pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 180)

BEDS = ("bed-01", "bed-02")
PARTITIONS = 7
"""So many that the beds lie on both servers."""
OUTAGE_S = 6.0
PAUSE_S = 1.5
"""Longest time without an analysis of a bed whose server is there, s."""


@dataclasses.dataclass
class Sharded(System):
    """A system on two servers: the home, and another."""

    servers: list[Service] = dataclasses.field(default_factory=list)

    def kill(self, index: int) -> None:
        process = self.servers[index].process
        assert process is not None
        process.kill()
        process.wait()


@pytest.fixture
def sharded(tmp_path: Path) -> Iterator[Sharded]:
    settings = Settings(
        state=str(tmp_path),
        secret="for tests only",
        partitions=PARTITIONS,
        hub_port=processes.free_port(),
    )
    broker = start_mqtt(settings)
    servers = [start_redis(Settings(state=str(tmp_path / name))) for name in ("home", "other")]
    urls = ",".join(one.url for one in servers)
    settings = dataclasses.replace(settings, mqtt_url=broker.url, redis_url=urls)
    system = Sharded(settings, tmp_path, servers=servers)
    try:
        yield system
    finally:
        processes.stop(system.started, 5.0)
        for service in (broker, *servers):
            service.stop()


@pytest.fixture
def found(sharded: Sharded) -> Iterator[Found]:
    found = Found(sharded.settings.redis_url, sharded.settings.partitions)
    yield found
    found.close()


def partition_of(device: str) -> int:
    return keys.partition_of(device, PARTITIONS)


def server_of(device: str) -> int:
    return keys.server_of(partition_of(device), 2)


def health(system: System) -> dict[str, Any]:
    """What the hub says of itself."""
    url = f"http://127.0.0.1:{system.settings.hub_port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return {"status": 200, **json.load(answer)}
    except urllib.error.HTTPError as error:
        return {"status": error.code, **json.load(error)}
    except OSError:
        return {}


def conditions(found: Found) -> dict[str, str]:
    """What is wrong with the system, with what there is to say."""
    kept = found.of(0).hgetall(keys.SYSTEM)
    return {name.decode(): orjson.loads(text)["detail"] for name, text in kept.items()}


def longest_pause_s(commits: Commits) -> float:
    times = [at for at, _ in commits.seen]
    return max(b - a for a, b in itertools.pairwise(times))


def test_a_server_is_killed_and_the_beds_of_the_other_go_on(
    sharded: Sharded, mitdb: Path, found: Found
) -> None:
    kept = next(device for device in BEDS if server_of(device) == 0)
    assert {server_of(device) for device in BEDS} == {0, 1}, "a bed on each server"
    parts = [sharded.start(*words) for words in (["ingest"], ["detect"], ["deliver"], ["hub"])]
    simulator = simulate_once_it_works(sharded, mitdb, found, speed=4)
    wait_for_events(sharded, found, simulator, 40)
    wait_until(lambda: health(sharded).get("redis") == "ok", why=lambda: str(health(sharded)))

    home = sharded.servers[0].url
    with Commits(home, partition_of(kept)).noting() as commits:
        wait_until(lambda: len(commits.seen) > 3)
        sharded.kill(1)
        ends = time.monotonic() + OUTAGE_S
        wait_until(lambda: "store_away" in conditions(found), why=lambda: sharded.log("deliver"))
        assert sharded.servers[1].url.removeprefix("redis://") in conditions(found)["store_away"]
        assert "server 2 of 2" in sharded.log("deliver")
        wait_until(lambda: health(sharded)["redis"] == "partly stale")
        wait_until(lambda: "store_away" in health(sharded)["conditions"])
        assert health(sharded)["status"] == 200, "the beds of the other server are shown"
        wait_until(lambda: time.monotonic() > ends)
        before = len(commits.seen)
        wait_until(lambda: len(commits.seen) > before + 3)
        assert conditions(found).keys() == {"store_away"}
        sharded.servers[1].restart()
        wait_until(lambda: not conditions(found), why=lambda: str(conditions(found)))
    assert longest_pause_s(commits) < allowed_s(PAUSE_S)

    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, sharded)
    wait_until(lambda: health(sharded)["redis"] == "ok")
    assert [process.poll() for process in parts] == [None] * len(parts)
    assert not any("Traceback" in sharded.log(name) for name in ("ingest", "detect", "deliver"))
    for device in BEDS:
        check_samples(found, device)


def check_samples(found: Found, device: str) -> None:
    """Every sample is in the bed's stream, on the server where it belongs."""
    partition = partition_of(device)
    reached = 0
    for _, fields in found.of(partition).xrange(keys.wave(partition)):
        packet = wire.read(fields[b"p"], device)
        assert packet.n0 <= reached, f"samples {reached} to {packet.n0} are missing"
        reached = max(reached, packet.n1)
    assert reached == round(SECONDS * packet.fs)
    counters = found.of(partition).hgetall(keys.counters(partition))
    by_name = {name.decode().split("|")[1]: int(value) for name, value in counters.items()}
    assert by_name["samples_missing"] == by_name["samples_late"] == 0


def refusal(sharded: Sharded, urls: list[str]) -> str:
    """What a process says that is told of other servers, and ends."""
    other = dataclasses.replace(sharded.settings, redis_url=",".join(urls))
    one = Sharded(other, sharded.folder)
    process = one.start("ingest")
    assert process.wait(allowed_s(30)) not in (0, None)
    return one.log("ingest")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ((1, 0), "server 2 of 2, but is named as number 1"),
        ((0,), "server 1 of 2, and 1 is named: name all 2"),
    ],
)
def test_other_servers_than_the_system_has_are_refused(
    sharded: Sharded, found: Found, named: tuple[int, ...], told: str
) -> None:
    sharded.start("ingest")
    wait_until(lambda: found.of(0).hlen(keys.THROUGHPUT) and found.of(1).get(keys.PLACE))
    assert told in refusal(sharded, [sharded.servers[index].url for index in named])
