"""Two patients through the real processes, and whether all that came out is what offline finds."""

from __future__ import annotations

import dataclasses
import functools
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson
import redis

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.offline import DEVICE, packets_of
from ecg_monitor.core import keys
from ecg_monitor.core.servers.places import urls_of
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import event_to_map
from ecg_monitor.records import read_record
from tests.support.waiting import allowed_s, wait_until

COMPILED_WITHIN_S = 300.0
"""After an update the detector compiles its engine first."""
RECORDS = ("100", "208")
SECONDS = 120


class System(Protocol):
    """What starts processes and keeps their logs (tests/end_to_end/conftest.py)."""

    settings: Settings

    def start(
        self, *words: str, within: Sequence[str] = (), redis_url: str = ""
    ) -> subprocess.Popen[bytes]: ...

    def log(self, name: str) -> str: ...


@functools.cache
def expected(mitdb: Path, record: str) -> list[dict[str, Any]]:
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
        self._clients = [redis.Redis.from_url(one) for one in urls_of(url)]
        self._partitions = partitions

    def of(self, partition: int) -> redis.Redis:
        """Client of the server that holds a partition."""
        return self._clients[keys.server_of(partition, len(self._clients))]

    def events(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for partition in range(self._partitions):
            for _, fields in self.of(partition).xrange(keys.events(partition)):
                mine = found.setdefault(fields[b"d"].decode(), [])
                assert int(fields[b"i"]) == len(mine), "events are numbered without a break"
                mine += orjson.loads(fields[b"j"])
        return found

    def count(self) -> int:
        return sum(map(len, self.events().values()))

    def detector_works(self) -> bool:
        return all(self.of(one).exists(keys.epoch(one)) for one in range(self._partitions))

    def alerts(self) -> list[dict[str, Any]]:
        return [
            orjson.loads(text)
            for partition in range(self._partitions)
            for text in self.of(partition).hvals(keys.alerts(partition))
        ]

    def close(self) -> None:
        for client in self._clients:
            client.close()


def simulate(system, mitdb, *words: str):
    """Start the patients, who stay for `SECONDS` of their own time."""
    return system.start(
        "simulate",
        *("--records", ",".join(RECORDS), "--data", str(mitdb), "--once"),
        *("--duration", str(SECONDS), "--packet-ms", "250", "--no-progress", *words),
    )


def settle(found: Found, whole: int, within_s: float) -> None:
    """Wait until so many events are there, or no more come."""
    deadline = time.monotonic() + allowed_s(within_s)
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
