"""What each process tells of itself for the system page: it is alive, and what it costs.

Every `REPORT_S` seconds a process writes one JSON text into the hash `keys.THROUGHPUT`, under its
role, host and process id: ``role``, ``host``, ``pid``, ``t`` (Unix s), ``cpu`` (share of one core
since the last report), ``rss`` (bytes of memory) and what it adds.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import psutil

from ecg_monitor.core import keys
from ecg_monitor.core.store import Store, StoreError, read_hash

log = logging.getLogger(__name__)

REPORT_S = 1.0
SILENT_S = 15.0
"""A process that has not reported for this long is gone."""
_FORGET_S = 3600.0


class ProcessFigures:
    """Measures this process."""

    def __init__(self, role: str) -> None:
        self.name = f"{role}:{socket.gethostname()}:{os.getpid()}"
        self._role = role
        self._process = psutil.Process()
        self._process.cpu_percent()  # what comes next counts from here

    def read(self) -> dict[str, Any]:
        """Return the figures since the last reading."""
        return {
            "role": self._role,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "t": time.time(),
            "cpu": round(self._process.cpu_percent() / 100, 4),
            "rss": self._process.memory_info().rss,
        }


async def report(
    client: Store, role: str, extra: Callable[[], Mapping[str, Any]] = dict[str, Any]
) -> None:
    """Report until cancelled; that Redis is away is no reason to stop.

    Args:
        client: Redis.
        role: which part of the system this is.
        extra: returns what else there is to tell.
    """
    figures = ProcessFigures(role)
    cleared = False
    while True:
        await asyncio.sleep(REPORT_S)
        text = orjson.dumps(figures.read() | dict(extra()))
        try:
            await client.hset(keys.THROUGHPUT, figures.name, text)
            if not cleared:
                await _clear_out(client)
                cleared = True
        except StoreError as error:
            log.debug("figures not written: %s", error)


def read_reports(texts: Mapping[str, bytes], now: float, within_s: float) -> list[dict[str, Any]]:
    """Return the reports of processes that wrote within the last seconds, by role and id."""
    reports = [orjson.loads(text) for text in texts.values()]
    alive = [one for one in reports if now - one["t"] <= within_s]
    return sorted(alive, key=lambda one: (one["role"], one.get("host", ""), one["pid"]))


async def _clear_out(client: Store) -> None:
    """Forget processes that are long gone."""
    now = time.time()
    texts = await read_hash(client, keys.THROUGHPUT)
    old = [name for name, text in texts.items() if now - orjson.loads(text)["t"] > _FORGET_S]
    if old:
        await client.hdel(keys.THROUGHPUT, *old)
