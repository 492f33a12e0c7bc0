"""Container check of the parts that serve no pages: ``python healthy.py PART``.

PARTs are ingest, detect, deliver and explain.

Exits with 0 if the part works and 1 with the reason if not.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

from ecg_monitor import keys, settings, store
from ecg_monitor.alerts.publish import CHANNEL
from ecg_monitor.errors import EcgMonitorError

REPORT_TOO_OLD_S = 15.0
"""Ingest reports every two seconds."""
BEHIND_TOO_FAR_S = 30.0


async def ingest(client: store.Store, _partitions: int) -> str | None:
    """Return what is wrong with ingest: some process must have reported lately."""
    reports = [json.loads(text) for text in await client.hvals(keys.THROUGHPUT)]
    latest = max((r["t"] for r in reports if r.get("role") == "ingest"), default=0.0)
    if time.time() - latest > REPORT_TOO_OLD_S:
        return f"no ingest has reported within {REPORT_TOO_OLD_S:g} s"
    return None


async def detect(client: store.Store, partitions: int) -> str | None:
    """Return what is wrong with the detector: it must not stay behind the packets."""
    for partition in range(partitions):
        newest = await client.xrevrange(keys.wave(partition), count=1)
        if not newest:
            continue
        position = await client.hget(keys.lag(partition), "position")
        if position is None:  # nothing was ever analysed: all that is kept is waiting
            oldest = await client.xrange(keys.wave(partition), count=1)
            position = (oldest or newest)[0][0]
        behind_s = (_milliseconds(newest[0][0]) - _milliseconds(position)) / 1000
        if behind_s > BEHIND_TOO_FAR_S:
            return f"partition {partition} is {behind_s:.0f} s behind"
    return None


async def deliver(client: store.Store, partitions: int) -> str | None:
    """Return what is wrong with delivery: no change of an alert may wait for long."""
    for partition in range(partitions):
        position = await client.hget(keys.cursors(partition), CHANNEL)
        oldest = f"({position.decode()}" if position else "-"
        waiting = await client.xrange(keys.alertlog(partition), oldest, count=1)
        if not waiting:
            continue
        waits_s = time.time() - _milliseconds(waiting[0][0]) / 1000
        if position and waits_s > BEHIND_TOO_FAR_S:
            return f"partition {partition}: a change of an alert waits for {waits_s:.0f} s"
    return None


async def explain(client: store.Store, _partitions: int) -> str | None:
    """Return what is wrong with the explainer: it must say that it is there."""
    return None if await client.exists(keys.EXPLAIN_ALIVE) else "no explainer has reported lately"


CHECKS: dict[str, Callable[[store.Store, int], Awaitable[str | None]]] = {
    "ingest": ingest,
    "detect": detect,
    "deliver": deliver,
    "explain": explain,
}


def _milliseconds(entry: bytes) -> int:
    return int(entry.split(b"-")[0])


async def _main(name: str) -> int:
    try:
        current = settings.load()
        client = store.connect(current.require("redis_url"))
        try:
            problem = await CHECKS[name](client, current.partitions)
        finally:
            await client.aclose()
    except (EcgMonitorError, store.StoreError) as error:
        problem = str(error)
    if problem:
        print(problem)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(sys.argv[1])))
