"""What is done to whom: kills, standstills, a Redis that refuses, is full, or hangs."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

PARTS = ("ingest", "detect", "deliver", "explain", "hub", "dashboard", "broker", "redis")
STANDSTILL_S = 12.0
"""Longer than Redis's clients wait for an answer (10 s), and than leases and keep-alives last."""
REFUSAL_S = 8.0

Way = Literal["SIGKILL", "SIGSTOP", "read-only", "full", "slow"]


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm.

    Attributes:
        way: what is done.
        victim: to which part.
        lasts_s: how long, s; 0 for what is done once.
    """

    way: Way
    victim: str
    lasts_s: float = 0.0

    def __str__(self) -> str:
        lasts = f", {self.lasts_s:g} s" if self.lasts_s else ""
        return f"{self.victim}: {self.way}{lasts}"

    @property
    def signals(self) -> tuple[signal.Signals, signal.Signals | None] | None:
        """The signal that does it, and the one that undoes it; None: it is done by Redis itself."""
        if self.way == "SIGKILL":
            return signal.SIGKILL, None
        if self.way == "SIGSTOP":
            return signal.SIGSTOP, signal.SIGCONT
        return None

    @property
    def commands(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The command to Redis that does it, and the one that undoes it."""
        if self.way == "read-only":
            return ("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")
        if self.way == "full":
            return ("CONFIG", "SET", "maxmemory", "1mb"), ("CONFIG", "SET", "maxmemory", "0")
        pause = ("CLIENT", "PAUSE", str(round(self.lasts_s * 1000)), "WRITE")
        return pause, ("CLIENT", "UNPAUSE")


ALL: tuple[Harm, ...] = (
    *(Harm("SIGKILL", part) for part in PARTS),
    *(Harm("SIGSTOP", part, STANDSTILL_S) for part in PARTS),
    *(Harm(way, "redis", REFUSAL_S) for way in ("read-only", "full")),
    Harm("slow", "redis", STANDSTILL_S),
)
"""Every harm."""


def plan(runs: int, seed: int) -> Iterator[Harm]:
    """Yield harms, as many as asked for: all of them in a random order, again and again."""
    chance = random.Random(seed)
    waiting: list[Harm] = []
    for _ in range(runs):
        if not waiting:
            waiting = list(ALL)
            chance.shuffle(waiting)
        yield waiting.pop()
