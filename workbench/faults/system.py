"""The system under harm: `ecg-monitor run`, with patients that this process plays.

The patients are played here, so that nothing is done to them, and what they have sent is known.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.launch import processes
from ecg_monitor.ward.system.watch import read_conditions
from simulator.device import Plan
from simulator.fleet import Fleet
from simulator.ward import WardRequest, build_ward
from workbench.faults.harm import Harm

SCENARIOS = ("vt-run", "pauses", "af", "sinus")
"""The patients: of these, two raise alarms all the time."""
START_S = 400.0
"""Longest start, s: the engine may have to be compiled."""
LOOK_S = 0.05
PAGES_S = 1.0
"""How often pages are told what is wrong, s."""
_SERVERS = {"broker": ("mosquitto",), "redis": ("redis-server", "valkey-server")}


@dataclass(slots=True)
class System:
    """The running system, as an outsider sees it.

    Attributes:
        process: `ecg-monitor run`.
        mqtt_url: its broker.
        redis_url: its Redis.
        commits: Unix times at which the detector committed, s.
        told: (Unix time s, kind) of conditions when they were first seen, over MQTT or on pages.
        present: kinds that are present now.
        behind: whether packets wait for their analysis.
        owners: process ids of the detectors that work.
    """

    process: subprocess.Popen[bytes]
    mqtt_url: str
    redis_url: str
    commits: list[float] = field(default_factory=list)
    told: list[tuple[float, str]] = field(default_factory=list)
    present: dict[str, set[str]] = field(default_factory=lambda: {"mqtt": set(), "pages": set()})
    behind: bool = True
    owners: set[int] = field(default_factory=set)

    def _take(self, source: str, kinds: set[str]) -> None:
        for kind in sorted(kinds - set().union(*self.present.values())):
            self.told.append((time.time(), kind))
        self.present[source] = kinds

    async def listen(self) -> None:
        """Take what is told over MQTT, until cancelled; the broker may go away."""
        while True:
            with contextlib.suppress(Exception):  # whatever is done to the broker
                async with mqtt.connect(self.mqtt_url) as client:
                    await client.subscribe(keys.SYSTEM_TOPIC, qos=1)
                    async for message in client.messages:
                        said = orjson.loads(message.payload)
                        kinds = {one["kind"] for one in said.get("conditions", ())}
                        self._take("mqtt", kinds if said["watched"] else {"unwatched"})
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Take what pages would show, and when the detector commits, until cancelled."""
        async with store.connect(self.redis_url) as client:
            pages_at = 0.0
            while True:
                with contextlib.suppress(store.StoreError, TimeoutError):
                    async with asyncio.timeout(1.0):
                        lag: Any = await client.hgetall(keys.lag(0))
                        newest: Any = await client.xrevrange(keys.wave(0), count=1)
                        if time.monotonic() - pages_at >= PAGES_S:
                            pages_at = time.monotonic()
                            self._take("pages", set(await read_conditions(client, "faults")))
                    at = float(lag.get(b"at", 0))
                    self.behind = not newest or newest[0][0] != lag.get(b"position")
                    if at and (not self.commits or at > self.commits[-1]):
                        self.commits.append(at)
                await asyncio.sleep(LOOK_S)

    def pid(self, part: str) -> int:
        """Return the process id of a part; of the detectors, of the one that works.

        Raises:
            ServiceError: there is no such process.
        """
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in map(int, children.split()):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                name = Path(words[0].split(" ")[0]).name  # Redis writes its address behind it
                if name in _SERVERS.get(part, ()):
                    return pid
                if part in words[3:4] and (part != "detect" or pid in self.owners):
                    return pid
        raise ServiceError(f"no process of {part} is there")

    async def prepared(self, within_s: float) -> bool:
        """Wait until a second detector stands by again; return whether one does."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if await self.find_owners() >= 2:
                return True
            await asyncio.sleep(LOOK_S)
        return False

    async def find_owners(self) -> int:
        """Find out which detector works; return how many there are."""
        client = store.connect(self.redis_url)
        try:
            reports = [orjson.loads(text) for text in await client.hvals(keys.THROUGHPUT)]
        finally:
            await client.aclose()
        fresh = [one for one in reports if time.time() - one["t"] < 3 and one["role"] == "detect"]
        self.owners = {one["pid"] for one in fresh if one.get("partitions")}
        return len(fresh)

    async def suffer(self, harm: Harm) -> float:
        """Do harm, and undo it; return when it was done, Unix s."""
        if harm.signals is not None:
            await self.find_owners()
            pid = self.pid(harm.victim)
            did, undo = harm.signals
            began = time.time()
            os.kill(pid, did)
            await asyncio.sleep(harm.lasts_s)
            if undo is not None:
                os.kill(pid, undo)
            return began
        client = store.connect(self.redis_url)
        execute: Any = client.execute_command
        try:
            did_by, undone_by = harm.commands
            began = time.time()
            await execute(*did_by)
            await asyncio.sleep(harm.lasts_s)
            await execute(*undone_by)
            return began
        finally:
            await client.aclose()

    async def settle(self, within_s: float, since: float = 0.0) -> bool:
        """Wait until all is well for a second again; return whether it is.

        Args:
            within_s: longest wait, s.
            since: Unix time of what must have been committed since, s.
        """
        deadline, well_since = time.monotonic() + within_s, None
        while time.monotonic() < deadline:
            now = time.monotonic()
            last = max(self.commits, default=0.0)
            fresh = time.time() - last < 2.0 and last > since
            if fresh and not any(self.present.values()):
                well_since = now if well_since is None else well_since
                if now - well_since > 1.0:
                    return True
            else:
                well_since = None
            await asyncio.sleep(LOOK_S)
        return False

    def standstill_s(self, since: float) -> float:
        """Longest time between two commits of the detector, from some time on, s."""
        start = max((at for at in self.commits if at <= since), default=since)
        times = [start, *(at for at in self.commits if at > since)]
        return max((b - a for a, b in itertools.pairwise(times)), default=0.0)


@contextlib.asynccontextmanager
async def running(
    folder: Path, tap: Callable[[Sequence[Plan]], Sequence[Plan]] = list, *words: str,
    retention_s: float = 86_400.0,
) -> AsyncIterator[tuple[System, Fleet]]:  # fmt: skip
    """Run the system during an ``async with`` block, and the patients, who are not playing yet.

    Args:
        folder: where it keeps its state.
        tap: given the plans of the patients; returns those that are played.
        *words: more options of ``ecg-monitor run``.
        retention_s: how long Redis keeps samples, s.

    Raises:
        ServiceError: it does not start.
    """
    environ = os.environ | environment(folder, retention_s)
    words = ("run", "--port", "0", "--no-simulator", *words)
    process = processes.start(
        (sys.executable, "-m", "ecg_monitor.cli", *words),
        log=folder / "run.log",
        environ=environ,
        death_signal=signal.SIGTERM,  # it stops its parts in order
    )
    try:
        addresses = await _addresses(folder / "run.log", process)
        system = System(process, *addresses)
        wishes = WardRequest(scenarios=SCENARIOS, prefix="harm")
        fleet = Fleet(
            tap(build_ward(wishes, Settings()).plans),
            system.mqtt_url,
            speed=1.0,
            packet_s=wishes.packet_s,
        )
        tasks = [asyncio.create_task(work) for work in (system.listen(), system.look())]
        try:
            await _detecting(system)
            yield system, fleet
        finally:
            await cancel_all(tasks)
    finally:
        process.terminate()
        process.wait(30)


def environment(folder: Path, retention_s: float) -> dict[str, str]:
    """Return the environment variables of every process of the system under harm."""
    return {
        "ECG_STATE": str(folder),
        "ECG_PARTITIONS": "1",
        "ECG_WAVE_RETENTION_S": f"{retention_s:g}",
        "PYTHONUNBUFFERED": "1",
    }


async def _addresses(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, str]:
    pattern = re.compile(r"export ECG_MQTT_URL=(\S+) ECG_REDIS_URL=(\S+)")
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := pattern.search(log.read_text()):
            return found[1], found[2]
        await asyncio.sleep(0.1)
    raise ServiceError(f"the system does not start:\n{log.read_text()}")


async def _detecting(system: System) -> None:
    client = store.connect(system.redis_url)
    deadline = time.monotonic() + START_S
    try:
        while time.monotonic() < deadline:
            await system.find_owners()
            if system.owners and await client.exists(keys.WATCHED):
                return
            await asyncio.sleep(0.2)
    finally:
        await client.aclose()
    raise ServiceError("no detector works")
