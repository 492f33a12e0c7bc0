"""A recorder that is killed, and started again; at which moments, and who dies with it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.launch import processes
from workbench.faults.system import LOOK_S, environment

VICTIMS = ("record", "redis", "detect")
SEGMENT_S = 10.0
"""Length of segments, s: the shortest, so that there are many sealings."""
SEALING_SHARE = 0.25
"""Share of moments at which the recorder dies as it seals."""
PAUSES_S = (0.3, 8.0)
"""Shortest and longest time between two moments, s."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Parts that are killed together.

    Attributes:
        after_s: when, s after the moment before.
        victims: who.
        sealing: whether to wait from then on until the recorder seals a segment.
    """

    after_s: float
    victims: tuple[str, ...]
    sealing: bool


def moments(count: int, seed: int) -> Iterator[Moment]:
    """Yield moments of a plan that is the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        victims = chance.sample(VICTIMS, chance.choice((1, 2, 3)))
        sealing = chance.random() < SEALING_SHARE
        if sealing and "record" not in victims:
            victims = ["record", *victims]
        after_s = chance.uniform(*PAUSES_S)
        yield Moment(after_s, tuple(one for one in VICTIMS if one in victims), sealing)


class Recorder:
    """A recorder that is started again as soon as it dies."""

    def __init__(self, folder: Path, redis_url: str, retention_s: float) -> None:
        """Start a recorder.

        Args:
            folder: the state of the system; the archive lies in it.
            redis_url: the system's Redis.
            retention_s: how long Redis keeps samples, s.
        """
        self.root = folder / "archive"
        self._environ = os.environ | environment(folder, retention_s) | {"ECG_REDIS_URL": redis_url}
        self._log = folder / "record.log"
        self.process = self._start()

    async def keep(self) -> None:
        """Start the recorder again whenever it has died, until cancelled."""
        while True:
            if self.process.poll() is not None:
                self.process = self._start()
            await asyncio.sleep(LOOK_S)

    async def sealing(self, within_s: float) -> None:
        """Wait until a file of a segment is being written, for so many seconds at most."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if next((self.root / "signals").rglob("*.draft"), None) is not None:
                return
            await asyncio.sleep(0.002)

    def stop(self) -> None:
        """Stop the recorder in order."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(30)

    def _start(self) -> subprocess.Popen[bytes]:
        words = ("record", "--segment-s", f"{SEGMENT_S:g}")
        return processes.start(
            (sys.executable, "-m", "ecg_monitor.cli", *words),
            log=self._log,
            environ=self._environ,
        )
