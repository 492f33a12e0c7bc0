"""Runs the whole system on this machine for a while and measures it from outside.

Broker, Redis, ingest, detector, hub and simulator are started as `run` starts them, in a folder
and on ports of their own, and stopped at the end. A follower reads the streams as the hub does, and
a client watches the hub as a page does, with the whole wall or some of its beds. The recorder runs
if it is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import psutil

from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.launch import processes
from ecg_monitor.launch.detectors import numbered, shares
from ecg_monitor.launch.run_setup import with_ports
from ecg_monitor.launch.services import Services, start_services
from ecg_monitor.ward.system.process_figures import SILENT_S, read_reports
from ingest.admission import AT_ONCE, PER_S
from workbench.bench.whole.client import Watcher
from workbench.bench.whole.floor import summary
from workbench.bench.whole.follower import Follower
from workbench.bench.whole.streams import StreamFollower
from workbench.bench.whole.usage import Usage, per_bed_kib
from workbench.bench.whole.verdict import GOAL_MS, why_not_held

START_S = 400.0
"""Longest start of the parts, s: the engine may have to be compiled."""
LIVE_S = 120.0
"""Longest wait for all beds to be analysed, s, beside what admission takes for many newcomers."""
SETTLE_S = 5.0
"""Time for processes to settle before memory and CPU time are compared with, s."""
CATCH_UP_S, BEHIND_S = 60.0, 0.5
"""Longest wait, s, until the detector has made up for what came while it learnt of all beds at
once, and how old the newest packets that it has analysed may be then, s."""
SAMPLE_S = 1.0
LOOK_S = 0.1
STOP_S = 5.0
DIES_S = 2.0
"""After a failure it is looked for so long, s, whether a part has died of it."""
WAVE_RETENTION_S = 60.0
"""Short, so that Redis has reached its lasting size before its memory is looked at."""
_BESIDE = frozenset({"bench", "simulator"})
"""Processes that stand for devices, or measure: all others' memory is what beds need."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the system has to carry.

    Attributes:
        beds: devices.
        seconds: how long it is measured, s.
        packet_ms: length of a packet, ms.
        data: folder of recordings; empty: where the simulator finds them.
        scenarios: synthetic patients in place of recordings.
        detectors: processes that share the partitions.
        watched: beds that the client shows, those whose names come first; None for all.
        recorded: whether all is recorded besides.
    """

    beds: int
    seconds: float
    packet_ms: float = 250.0
    data: str = ""
    scenarios: tuple[str, ...] = ()
    detectors: int = 1
    watched: int | None = None
    recorded: bool = False

    def parts(self, partitions: int) -> dict[str, list[str]]:
        """Return the parts by the name that they have in the figures, and their commands' words.

        Raises:
            SettingsError: there are more detectors than partitions.
        """
        names = numbered("detector", self.detectors)
        detectors = zip(names, shares(partitions, self.detectors), strict=True)
        found = {name: ["detect", "--partitions", share] for name, share in detectors}
        recorder = {"recorder": ["record"]} if self.recorded else {}
        return {"ingest": ["ingest"], **found, "hub": ["hub"], **recorder}

    def simulator(self) -> list[str]:
        """Return the words of the simulator's command."""
        words = ["simulate", "--beds", str(self.beds), "--packet-ms", f"{self.packet_ms:g}"]
        words += ["--data", self.data] if self.data else []
        return words + [word for name in self.scenarios for word in ("--scenario", name)]

    @property
    def settle_s(self) -> float:
        """Time between the last bed's first event and the measurement, s."""
        return min(SETTLE_S, self.seconds)

    @property
    def live_s(self) -> float:
        """Longest wait for all beds to be analysed, s."""
        return LIVE_S + max(0, self.beds - AT_ONCE) / PER_S


Progress = Callable[[str, float], None]
"""Is told what is being done, and how many seconds of the measurement are over."""


def measure(
    settings: Settings, load: Load, progress: Progress = lambda _what, _s: None
) -> dict[str, Any]:
    """Run devices at real-time pace and measure.

    Returns:
        JSON-ready map. ``beds``, ``seconds``, ``held`` with ``why_not`` in words, ``lost_samples``,
        ``delay_ms`` by stage (`workbench.bench.whole.follower.STAGES`) with ``p50``, ``p95``,
        ``p99`` and ``count``, each beyond packet and look-ahead; ``floor_ms``, how late the machine
        woke a process that slept; ``cpu`` in % of a core and ``memory_mb`` by process;
        ``memory_per_bed_kib``; and in more detail ``samples``, ``delays``, ``processes`` and
        ``counters``.

    Raises:
        ServiceError: a process of the system did not start, or died.
        SettingsError: there are more detectors than partitions.
    """
    load.parts(settings.partitions)  # refused before anything starts
    with tempfile.TemporaryDirectory(prefix="ecg-bench-") as folder:
        own = replace(
            settings,
            mqtt_url="",
            redis_url="",
            state=folder,
            secret="bench-only",
            host="127.0.0.1",
            port=0,
            hub_port=0,
            max_devices=max(settings.max_devices, load.beds),
            wave_retention_s=WAVE_RETENTION_S,
        )
        own = with_ports(own, 0)
        with start_services(own) as services:
            return asyncio.run(
                _Measurement(services.configure(own), load, Path(folder), progress).run(services)
            )


@dataclass(slots=True)
class _Measurement:
    """One run of the system.

    Attributes:
        settings: of the system.
        load: what it has to carry.
        folder: for logs.
        progress: see `measure`.
        children: processes by name, in the order of their start.
        usages: memory and CPU time of them and of this process.
    """

    settings: Settings
    load: Load
    folder: Path
    progress: Progress
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    usages: dict[str, Usage] = field(default_factory=dict)
    follower: Follower = field(default_factory=Follower)

    async def run(self, services: Services) -> dict[str, Any]:
        """Start the parts, measure, stop them."""
        for name, service in (("broker", services.mqtt), ("redis", services.redis)):
            if service.process is not None:
                self.children[name] = service.process
        servers = len(self.children)
        self.usages["bench"] = Usage(psutil.Process())
        client = store.connect(self.settings.redis_url)
        try:
            for name, words in self.parts.items():
                self._start(name, words)
            watcher = Watcher(self.follower, None if self.load.watched is None else ())
            beside = [
                self._look_after_parts(),
                watcher.watch(self.settings, client),
                StreamFollower(self.follower, self.settings.partitions).follow(client),
            ]
            tasks = [asyncio.create_task(one) for one in beside]
            main = asyncio.create_task(self._measure(client, watcher))
            try:
                await asyncio.wait([main, *tasks], return_when=asyncio.FIRST_COMPLETED)
            finally:
                await cancel_all([main, *tasks])
            await self._tell_failure([main, *tasks])
            return main.result()
        finally:
            own = list(self.children.values())[servers:]
            await asyncio.to_thread(processes.stop, list(reversed(own)), STOP_S)
            with contextlib.suppress(store.StoreError):
                await client.aclose()

    def _start(self, name: str, words: Sequence[str], module: str = "ecg_monitor.cli") -> None:
        environ = {**os.environ, **to_environ(self.settings)}
        command = [sys.executable, "-m", module, *words]
        log = self.folder / f"{name}.log"
        self.children[name] = processes.start(command, log=log, environ=environ)

    async def _tell_failure(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Raise what ended the measurement before its time; a part that died explains the rest."""
        errors = [task.exception() for task in tasks if not task.cancelled()]
        for error in errors:
            if error is None:
                continue
            for _ in range(round(DIES_S / LOOK_S)):  # its connections end before it has ended
                self._check_parts()
                await asyncio.sleep(LOOK_S)
            if isinstance(error, store.StoreError):
                raise ServiceError(f"Redis failed during the measurement: {error}") from error
            raise error

    def _check_parts(self) -> None:
        for name, process in self.children.items():
            if process.poll() is not None:
                tail = processes.tail(self.folder / f"{name}.log")
                raise ServiceError(
                    f"{name} died during the measurement, status {process.returncode}:\n{tail}"
                )

    async def _look_after_parts(self) -> None:
        while True:
            self._check_parts()
            await asyncio.sleep(LOOK_S)

    async def _measure(self, client: store.Store, watcher: Watcher) -> dict[str, Any]:
        self.progress("starting the parts", 0.0)
        async with _within(START_S, "the parts did not start"):
            await watcher.joined.wait()
            expected = Counter(words[0] for words in self.parts.values())
            while expected - await _reporting(client):
                await asyncio.sleep(LOOK_S)
        for name, process in self.children.items():
            self.usages[name] = Usage(psutil.Process(process.pid))
        for usage in self.usages.values():
            usage.mark_idle()
        self._start("simulator", self.load.simulator())
        self.usages["simulator"] = Usage(psutil.Process(self.children["simulator"].pid))
        live_after_s = await self._wait_for_beds()
        if self.load.watched is not None:
            await watcher.show(sorted(self.follower.devices)[: self.load.watched])
        await asyncio.sleep(self.load.settle_s)
        await self._wait_until_caught_up(client)
        # What was seen while processes were starting says nothing of a running system.
        self.follower.begin_anew()
        dropped_before = watcher.dropped
        floor = self.folder / "floor.json"
        self._start("floor", [str(floor)], "workbench.bench.whole.floor")
        started = time.monotonic()
        while True:
            elapsed_s = time.monotonic() - started
            for usage in self.usages.values():
                usage.sample()
            self.progress(f"{self.load.beds} beds at real-time pace", elapsed_s)
            if elapsed_s >= self.load.seconds:
                break
            await asyncio.sleep(min(SAMPLE_S, self.load.seconds - elapsed_s))
        lost = self.follower.lost(time.time())
        counters = await _counters(client, self.settings.partitions)
        await asyncio.to_thread(processes.stop, [self.children.pop("floor")], STOP_S)
        return {
            **_figures(self, lost, watcher.dropped - dropped_before, elapsed_s),
            "floor_ms": orjson.loads(floor.read_bytes()) if floor.exists() else summary([]),
            "all_beds_live_after_s": round(live_after_s, 2),
            "counters": counters,
        }

    async def _wait_for_beds(self) -> float:
        """Wait until each bed has been analysed, or for so long as that may take; return how long.

        That not all came is no error: it shows in the figures that so many were not held.
        """
        began = time.monotonic()
        while (waited_s := time.monotonic() - began) < self.load.live_s:
            live = self.live
            self.progress(f"{live} of {self.load.beds} beds are live", 0.0)
            if live >= self.load.beds:
                break
            await asyncio.sleep(LOOK_S)
        return waited_s

    async def _wait_until_caught_up(self, client: store.Store) -> None:
        """Wait until the detector is where its packets are, or for so long as that may take.

        That it does not come there is no error: its delays show it.
        """
        began = time.monotonic()
        while time.monotonic() - began < CATCH_UP_S:
            lags = [
                await store.read_hash(client, keys.lag(p)) for p in range(self.settings.partitions)
            ]
            if all(float(lag.get("behind_s", 0.0)) < BEHIND_S for lag in lags):
                return
            self.progress("the detector catches up with its beds", 0.0)
            await asyncio.sleep(LOOK_S)

    @property
    def parts(self) -> dict[str, list[str]]:
        """What is started besides services and devices."""
        return self.load.parts(self.settings.partitions)

    @property
    def live(self) -> int:
        """How many beds have been analysed."""
        return sum(account.analysed for account in self.follower.devices.values())


@contextlib.asynccontextmanager
async def _within(limit_s: float, what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError as error:
        raise ServiceError(f"{what} within {limit_s:.0f} s") from error


async def _reporting(client: store.Store) -> Counter[str]:
    """Return how many processes of each role report."""
    texts = await store.read_hash(client, keys.THROUGHPUT)
    return Counter(one["role"] for one in read_reports(texts, time.time(), SILENT_S))


async def _counters(client: store.Store, partitions: int) -> dict[str, int]:
    """Sum the counters of all devices by name."""
    totals: dict[str, int] = {}
    for partition in range(partitions):
        for name, value in (await store.read_hash(client, keys.counters(partition))).items():
            counter = name.split("|", 1)[1]
            totals[counter] = totals.get(counter, 0) + int(float(value))
    return totals


def _figures(run: _Measurement, lost: int, dropped: int, elapsed_s: float) -> dict[str, Any]:
    follower, load = run.follower, run.load
    delay_ms = {stage: one.percentiles_ms() for stage, one in follower.stages.items()}
    why_not = why_not_held(
        beds=load.beds, live=run.live, lost=lost, dropped=dropped, delay_ms=delay_ms
    )
    accounts = follower.devices.values()
    usages: Mapping[str, Usage] = run.usages
    return {
        "beds": load.beds,
        "seconds": round(elapsed_s, 1),
        "packet_ms": load.packet_ms,
        "detectors": load.detectors,
        "watched": min(load.beds, load.watched or load.beds),
        "recorded": load.recorded,
        "held": not why_not,
        "why_not": why_not,
        "goal_ms": GOAL_MS,
        "lost_samples": lost,
        "dropped_messages": dropped,
        "delay_ms": delay_ms,
        "cpu": {name: usage.cpu_percent(elapsed_s) for name, usage in usages.items()},
        "memory_mb": {name: round(usage.late_mb, 1) for name, usage in usages.items()},
        "memory_per_bed_kib": per_bed_kib(usages, usages.keys() - _BESIDE, load.beds),
        "samples": {
            "devices": len(follower.devices),
            "seen": sum(account.next_n - account.first for account in accounts),
            "missing": sum(account.missing for account in accounts),
            "repeated": sum(account.repeated for account in accounts),
        },
        "beats": follower.beats,
        "delays": {
            "sample_to_ingest": follower.stages["ingest"].to_map(),
            "sample_to_reader": follower.to_reader.to_map(),
            "r_peak_to_detection": follower.to_peak.to_map(),
            "r_peak_to_label": follower.to_label.to_map(),
        },
        "processes": {name: usage.to_map(elapsed_s) for name, usage in usages.items()},
    }
