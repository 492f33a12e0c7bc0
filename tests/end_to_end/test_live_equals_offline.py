"""What comes out live is what offline analysis finds, whatever happens on the way."""

import dataclasses
import functools
import time
from pathlib import Path

import orjson
import pytest
import redis

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.offline import DEVICE, packets_of
from ecg_monitor.core import keys
from ecg_monitor.core.types import event_to_map
from ecg_monitor.records import read_record
from tests.support.waiting import allowed_s, wait_until

COMPILED_WITHIN_S = 300.0
"""After an update the detector compiles its engine first."""
pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 180)
RECORDS = ("100", "208")
SECONDS = 120


@functools.cache
def expected(mitdb: Path, record: str) -> list[dict]:
    """Events that offline analysis finds in the first part of a record, still going on."""
    recording = read_record(mitdb / record)
    samples = recording.samples[:, : round(SECONDS * recording.fs)]
    recording = dataclasses.replace(recording, samples=samples)
    outputs = Analyzer().feed(packets_of(recording, 500.0))
    assert {output.device for output in outputs} == {DEVICE}
    return [event_to_map(event) for output in outputs for event in output.events]


class Found:
    """Events by device, as they stand in Redis."""

    def __init__(self, url: str, partitions: int) -> None:
        self._client = redis.Redis.from_url(url)
        self._partitions = partitions

    def events(self) -> dict[str, list[dict]]:
        found: dict[str, list[dict]] = {}
        for partition in range(self._partitions):
            for _, fields in self._client.xrange(keys.events(partition)):
                mine = found.setdefault(fields[b"d"].decode(), [])
                assert int(fields[b"i"]) == len(mine), "events are numbered without a break"
                mine += orjson.loads(fields[b"j"])
        return found

    def count(self) -> int:
        return sum(map(len, self.events().values()))

    def detector_works(self) -> bool:
        return all(self._client.exists(keys.epoch(one)) for one in range(self._partitions))

    def alerts(self) -> list[dict]:
        return [
            orjson.loads(text)
            for partition in range(self._partitions)
            for text in self._client.hvals(keys.alerts(partition))
        ]

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def found(system):
    found = Found(system.settings.redis_url, system.settings.partitions)
    yield found
    found.close()


def simulate(system, mitdb, *words: str):
    """Start the patients, who stay for `SECONDS` of their own time."""
    return system.start(
        "simulate",
        *("--records", ",".join(RECORDS), "--data", str(mitdb), "--once"),
        *("--duration", str(SECONDS), "--packet-ms", "250", "--no-progress", *words),
    )


def settle(found: Found, whole: int, within_s: float) -> None:
    """Wait until so many events are there, or no more come."""
    deadline = time.monotonic() + within_s
    while found.count() < whole and time.monotonic() < deadline:
        time.sleep(0.2)


def check(found: Found, mitdb: Path, system) -> None:
    whole = [expected(mitdb, record) for record in RECORDS]
    settle(found, sum(map(len, whole)), COMPILED_WITHIN_S)
    events = found.events()
    logs = "\n".join(system.log(name) for name in ("simulate", "ingest", "detect"))
    assert sorted(events) == ["bed-01", "bed-02"], logs
    assert events["bed-01"] == whole[0], logs
    assert events["bed-02"] == whole[1], logs
    raised = [alert for alert in found.alerts() if alert["kind"] != "no_data"]
    onsets = sorted(
        (e["kind"], e["n"]) for all_ in whole for e in all_ if e["type"] == "alarm" and e["present"]
    )
    assert sorted((alert["kind"], alert["n"]) for alert in raised) == onsets


def test_live_beats_are_those_of_offline_analysis(system, mitdb, found):
    system.start("ingest")
    system.start("detect")
    assert simulate(system, mitdb, "--speed", "60").wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def test_repeated_and_reordered_packets_change_nothing(system, mitdb, found):
    system.start("ingest")
    system.start("detect")
    faults = ("--fault", "duplicate=0.1,reorder=0.1:3", "--encoding", "json")
    assert simulate(system, mitdb, "--speed", "60", *faults).wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def simulate_once_it_works(system, mitdb, found: Found, speed: int):
    """Start the patients when the detector is ready for them: all that follows is in time."""
    wait_until(found.detector_works, COMPILED_WITHIN_S)
    return simulate(system, mitdb, "--speed", str(speed))


def wait_for_events(system, found: Found, simulator, count: int) -> None:
    """Wait until the detector has committed so many events."""
    wait_until(
        lambda: found.count() >= count or simulator.poll() not in (None, 0),
        COMPILED_WITHIN_S,
        why=lambda: system.log("simulate") + system.log("detect"),
    )


def kill_and_restart(system, victim, name: str):
    victim.kill()
    victim.wait()
    time.sleep(0.3)
    return system.start(name)


def test_killing_the_detector_again_and_again_changes_nothing(system, mitdb, found):
    system.start("ingest")
    detector = system.start("detect")
    # Slowly: each of the two that follow takes some seconds to start, and packets shall come then.
    simulator = simulate_once_it_works(system, mitdb, found, speed=4)
    for already in (20, 100, 200):
        wait_for_events(system, found, simulator, already)
        detector = kill_and_restart(system, detector, "detect")
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def test_a_full_data_store_changes_nothing(system, mitdb, found):
    """Redis refuses all writes for a while, as with no memory left."""
    processes = [system.start("ingest"), system.start("detect")]
    simulator = simulate_once_it_works(system, mitdb, found, speed=8)
    store = redis.Redis.from_url(system.settings.redis_url)
    for already in (50, 200):
        wait_for_events(system, found, simulator, already)
        store.config_set("maxmemory", "1mb")  # less than the server needs for itself
        time.sleep(2.0)
        store.config_set("maxmemory", "0")
    store.close()
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)
    assert [process.poll() for process in processes] == [None, None]


def test_killing_ingest_loses_nothing(system, mitdb, found):
    ingest = system.start("ingest")
    system.start("detect")
    simulator = simulate_once_it_works(system, mitdb, found, speed=8)
    for already in (50, 200):
        wait_for_events(system, found, simulator, already)
        ingest = kill_and_restart(system, ingest, "ingest")
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)


def test_a_second_detector_takes_over_and_the_first_one_stops(system, mitdb, found):
    system.start("ingest")
    first = system.start("detect")
    simulator = simulate_once_it_works(system, mitdb, found, speed=12)
    wait_for_events(system, found, simulator, 50)
    system.start("detect")
    assert first.wait(allowed_s(60)) == 3
    assert "taken over" in system.log("detect")
    assert simulator.wait(allowed_s(90)) == 0
    check(found, mitdb, system)
