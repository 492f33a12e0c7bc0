"""A cluster of several machines on this one: each is a `ecg-monitor cluster start` of its own."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil
import redis

from ecg_monitor.core import keys
from ecg_monitor.launch.processes import free_port
from tests.support.network import Network
from tests.support.two_patients import System
from tests.support.waiting import PATIENCE_S, allowed_s, wait_until

BEGUN_WITHIN_S = 300.0
"""After an update the first machine compiles the engine."""


class Machines:
    """Starts machines, sees who owns what, and kills them as a power cut would.

    Args:
        system: whose Redis they work on.
        network: where each gets a namespace and a cable of its own; None: there is none.
        redis_url: address of Redis in that network.
    """

    def __init__(self, system: System, network: Network | None = None, redis_url: str = "") -> None:
        self._system = system
        self._network, self._redis_url = network, redis_url
        self._client = redis.Redis.from_url(system.settings.redis_url)
        self._partitions = system.settings.partitions
        self._port = str(free_port())
        self.temp = tempfile.mkdtemp(prefix="ecg-", dir="/tmp")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, name: str, *, first: bool = False, port: int | None = None, temp: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a machine, without waiting for it.

        Args:
            name: of the machine.
            first: begin a cluster, though there are machines already.
            port: where the first machine listens; None: that of all tests of this object.
            temp: folder of Ray's sockets and logs; None: that of this object.
        """
        join = ["--join"] if self.processes and not first else []
        within: list[str] = []
        if self._network is not None:
            self._network.plug_in(name)
            within, temp = self._network.within(name), temp or Path(self.temp) / name
        place = ["--port", str(port or self._port), "--temp", str(temp or self.temp)]
        words = ("cluster", "start", "--name", name, *place, *join)
        process = self._system.start(*words, within=within, redis_url=self._redis_url)
        self.processes[name] = process
        return process

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``ecg-monitor cluster WORDS`` and return what it said."""
        process = self._system.start("cluster", *words)
        before = len(self._system.log("cluster"))
        status = process.wait(allowed_s(PATIENCE_S))
        said = self._system.log("cluster")[before:]
        return subprocess.CompletedProcess(words, status, said)

    def state(self) -> dict[str, Any]:
        """What the cluster says of itself; nothing before there is one."""
        text = self._client.hget(keys.CLUSTER, "state")
        return orjson.loads(text) if text else {"detectors": {}}

    def owned(self) -> dict[str, list[int]]:
        """Partitions by machine."""
        found: dict[str, list[int]] = {}
        for one in self.state()["detectors"].values():
            found.setdefault(one["node"], []).extend(one["owned"])
        return found

    def nodes(self) -> set[str]:
        """The machines that are there."""
        return {one["node"] for one in self.state()["detectors"].values()}

    def pids(self) -> set[int]:
        """Processes of all detectors that are there."""
        return {one["pid"] for one in self.state()["detectors"].values()}

    def pid(self, node: str) -> int:
        """Process of a machine's detector."""
        return next(one["pid"] for one in self.state()["detectors"].values() if one["node"] == node)

    def settled(self, *names: str) -> bool:
        """Whether exactly these machines own all partitions, each about as many as the others."""
        owned = self.owned()
        counts = [len(held) for held in owned.values()]
        return (
            sorted(owned) == sorted(names)
            and sorted(p for held in owned.values() for p in held) == list(range(self._partitions))
            and max(counts) - min(counts) < 2
        )

    def wait_settled(self, *names: str) -> None:
        """Wait until exactly these machines share the partitions."""
        wait_until(
            lambda: self.settled(*names),
            BEGUN_WITHIN_S,
            why=lambda: f"{self.state()}\n{self._system.log('cluster')}",
        )

    def supervisor(self) -> psutil.Process:
        """Process of the supervisor, wherever it runs."""
        for started in self.processes.values():
            for one in psutil.Process(started.pid).children(recursive=True):
                if one.cmdline()[:1] == ["ray::Supervisor"]:
                    return one
        raise AssertionError("no supervisor runs")

    def leave(self, name: str) -> int:
        """Tell a machine to end, and return its exit status."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(allowed_s(PATIENCE_S))

    def cut_power(self, name: str) -> None:
        """Kill all processes of a machine at once."""
        process = self.processes.pop(name)
        top = psutil.Process(process.pid)
        for one in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()

    def close(self) -> None:
        """Kill what still runs."""
        for name in list(self.processes):
            with contextlib.suppress(psutil.NoSuchProcess):
                self.cut_power(name)
        self._client.close()
        shutil.rmtree(self.temp, ignore_errors=True)


class Commits:
    """Notes when the analysis of a partition's packets is committed, and by which epoch."""

    def __init__(self, url: str, partition: int) -> None:
        self._client = redis.Redis.from_url(url)
        self._lag, self._committed = keys.lag(partition), keys.committed(partition)
        self._ended = threading.Event()
        self.seen: list[tuple[float, int]] = []
        self._thread = threading.Thread(target=self._look, daemon=True)

    @contextlib.contextmanager
    def noting(self) -> Iterator[Commits]:
        """Note for as long as the block lasts."""
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join()
            self._client.close()

    def epoch(self) -> int:
        """The epoch of the last commit; 0 before the first."""
        return self.seen[-1][1] if self.seen else 0

    def silence_s(self) -> float:
        """Longest time without an analysis across a change of the epoch, s."""
        pairs = zip(self.seen, self.seen[1:], strict=False)
        return max((b[0] - a[0] for a, b in pairs if a[1] != b[1]), default=0.0)

    def _look(self) -> None:
        last = None
        while not self._ended.wait(0.005):
            with self._client.pipeline() as pipe:
                pipe.hget(self._lag, "position")
                pipe.get(self._committed)
                position, committed = pipe.execute()
            if position is not None and position != last:
                last = position
                self.seen.append((time.monotonic(), int(committed.split(b"/")[0])))


def owner(machines: Machines, partition: int) -> str:
    """Return the machine that works on a partition, once one does."""
    return wait_until(
        lambda: next((node for node, held in machines.owned().items() if partition in held), "")
    )


def silence_s(system: System, partition: int, harm: Callable[[], object]) -> float:
    """Do something, and return how long nobody analysed until the partition has another owner."""
    with Commits(system.settings.redis_url, partition).noting() as commits:
        wait_until(lambda: len(commits.seen) > 3)
        before = commits.epoch()
        harm()
        wait_until(lambda: commits.epoch() > before)
    return commits.silence_s()
