"""Runs the whole system on this machine for a while and measures it from outside.

Broker, Redis, ingest, detector, hub and simulator are started as `run` starts them, in a folder
and on ports of their own, and stopped at the end. A follower reads the streams as the hub does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import psutil

from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import start_services
from workbench.bench.follower import Follower

SETTLE_S = 5.0
"""Time for processes to start before memory and CPU time are compared with."""
SAMPLE_S = 1.0
WAVE_RETENTION_S = 60.0
"""Short, so that Redis has reached its lasting size before its memory is looked at."""


@dataclass(slots=True)
class Usage:
    """Memory over time and CPU time of one process."""

    process: psutil.Process
    rss_mb: list[float] = field(default_factory=list)
    first_cpu_s: float = 0.0
    last_cpu_s: float = 0.0

    def sample(self, *, first: bool) -> None:
        """Read memory and CPU time now."""
        times = self.process.cpu_times()
        self.last_cpu_s = times.user + times.system
        if first:
            self.first_cpu_s = self.last_cpu_s
        self.rss_mb.append(self.process.memory_info().rss / 1e6)

    def to_map(self, elapsed_s: float) -> dict[str, float]:
        """Return CPU share of one core, memory at first and at last, and how much it grew.

        Growth is judged between the second quarter and the last: start-up is over by then.
        """
        quarter = max(1, len(self.rss_mb) // 4)
        early = sum(self.rss_mb[quarter : 2 * quarter]) / max(
            1, len(self.rss_mb[quarter : 2 * quarter])
        )
        late = sum(self.rss_mb[-quarter:]) / quarter
        return {
            "cpu_percent": round(100 * (self.last_cpu_s - self.first_cpu_s) / elapsed_s, 1),
            "rss_first_mb": round(self.rss_mb[0], 1),
            "rss_early_mb": round(early, 1),
            "rss_late_mb": round(late, 1),
            "grew_mb": round(late - early, 1),
        }


def measure(
    settings: Settings,
    beds: int,
    seconds: float,
    *,
    data: str = "",
    packet_ms: float = 250.0,
    progress: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Run ``beds`` devices at real-time pace for ``seconds`` and measure.

    Returns:
        JSON-ready map: samples accounted for, delays per stage, CPU and memory per process.

    Raises:
        ServiceError: a process of the system did not start, or died.
    """
    with tempfile.TemporaryDirectory(prefix="ecg-bench-") as folder:
        own = replace(
            settings,
            mqtt_url="",
            redis_url="",
            state=folder,
            secret="bench-only",
            port=0,
            wave_retention_s=WAVE_RETENTION_S,
        )
        with start_services(own) as services:
            own = services.configure(own)
            with _children(own, Path(folder), beds, data, packet_ms) as children:
                watched = dict(children)
                if services.mqtt.process:
                    watched["broker"] = services.mqtt.process
                if services.redis.process:
                    watched["redis"] = services.redis.process
                usages = {n: Usage(psutil.Process(p.pid)) for n, p in watched.items()}
                return asyncio.run(_follow(own, children, usages, beds, seconds, progress))


@contextlib.contextmanager
def _children(
    settings: Settings, folder: Path, beds: int, data: str, packet_ms: float
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    environ = {**os.environ, **to_environ(settings)}
    commands = {
        "ingest": ["ingest"],
        "detector": ["detect"],
        "simulator": ["simulate", "--beds", str(beds), "--packet-ms", f"{packet_ms:g}"],
    }
    if data:
        commands["simulator"] += ["--data", data]
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, words in commands.items():
            command = [sys.executable, "-m", "ecg_monitor.cli", *words]
            started[name] = processes.start(command, log=folder / f"{name}.log", environ=environ)
        yield started
        for name, process in started.items():
            if process.poll() is not None:
                tail = processes.tail(folder / f"{name}.log")
                raise ServiceError(f"{name} died during the measurement:\n{tail}")
    finally:
        processes.stop(list(reversed(started.values())), 5.0)


async def _follow(
    settings: Settings,
    children: Mapping[str, subprocess.Popen[bytes]],
    usages: dict[str, Usage],
    beds: int,
    seconds: float,
    progress: Callable[[float], None],
) -> dict[str, Any]:
    client = store.connect(settings.redis_url)
    follower = Follower()
    try:
        followers = [
            asyncio.create_task(work(client, partition, follower))
            for partition in range(settings.partitions)
            for work in (_follow_waves, _follow_events)
        ]
        began = time.monotonic()
        while len(follower.devices) < beds:
            if time.monotonic() - began > 30 or any(
                p.poll() is not None for p in children.values()
            ):
                break
            await asyncio.sleep(0.1)
        first_packet_s = time.monotonic() - began
        await asyncio.sleep(SETTLE_S)
        # What was seen while processes were starting says nothing of a running system.
        for name in ("to_ingest", "to_reader", "to_peak", "to_label"):
            setattr(follower, name, type(getattr(follower, name))())
        started = time.monotonic()
        first = True
        while (elapsed := time.monotonic() - started) < seconds:
            for usage in usages.values():
                usage.sample(first=first)
            first = False
            progress(elapsed)
            await asyncio.sleep(SAMPLE_S)
        for task in followers:
            task.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
        counters = await _counters(client, settings.partitions)
    finally:
        await client.aclose()
    return _report(follower, usages, counters, beds, elapsed, first_packet_s)


async def _follow_waves(client: store.Store, partition: int, follower: Follower) -> None:
    position = "0-0"
    while True:
        entries = await store.read_stream(client, keys.wave(partition), position, 1000, 500)
        now = time.time()
        for position, fields in entries:  # noqa: B007  (the last one is where to read on)
            packet = wire.read(fields[b"p"], fields[b"d"].decode())
            follower.packet(packet, float(fields[b"t"]), now)


async def _follow_events(client: store.Store, partition: int, follower: Follower) -> None:
    position = "0-0"
    while True:
        entries = await store.read_stream(client, keys.events(partition), position, 1000, 500)
        now = time.time()
        for position, fields in entries:  # noqa: B007
            for event in orjson.loads(fields[b"j"]):
                if event["type"] in {"r_peak", "beat"}:
                    device = fields[b"d"].decode()
                    labelled = event["type"] == "beat"
                    follower.beat(device, event["n"], now, labelled=labelled)


async def _counters(client: store.Store, partitions: int) -> dict[str, int]:
    """Sum the counters of all devices by name."""
    totals: dict[str, int] = {}
    for partition in range(partitions):
        for name, value in (await store.read_hash(client, keys.counters(partition))).items():
            counter = name.split("|", 1)[1]
            totals[counter] = totals.get(counter, 0) + int(float(value))
    return totals


def _report(
    follower: Follower,
    usages: dict[str, Usage],
    counters: dict[str, int],
    beds: int,
    elapsed_s: float,
    first_packet_s: float,
) -> dict[str, Any]:
    accounts = follower.devices.values()
    return {
        "beds": beds,
        "seconds": round(elapsed_s, 1),
        "all_beds_live_after_s": round(first_packet_s, 2),
        "samples": {
            "devices": len(follower.devices),
            "seen": sum(account.next_n - account.first for account in accounts),
            "missing": sum(account.missing for account in accounts),
            "repeated": sum(account.repeated for account in accounts),
        },
        "counters": counters,
        "beats": follower.beats,
        "delays": {
            "sample_to_ingest": follower.to_ingest.to_map(),
            "sample_to_reader": follower.to_reader.to_map(),
            "r_peak_to_detection": follower.to_peak.to_map(),
            "r_peak_to_label": follower.to_label.to_map(),
        },
        "processes": {name: usage.to_map(elapsed_s) for name, usage in usages.items()},
    }
