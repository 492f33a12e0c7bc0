"""Say whether a part of the running system works.

  ECG_REDIS_URL=redis://localhost ecg-monitor health ingest

PART is ingest, detect, deliver, explain, record or work: the parts that serve no pages; dashboard
and hub answer GET /healthz. A part that cannot write to Redis does not work, whatever else it does;
of several servers that is the first, since a part goes on with what the others have.
The command exits with 0 if the part works, and with 1 and the reason if not, as container engines
and service managers expect of a check.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.remote.streams import entry_ms, entry_order
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.system.figures import why_refused

REPORT_TOO_OLD_S = 15.0
"""Age of a part's newest report, s, from which it counts as dead: it comes every second."""
BEHIND_TOO_FAR_S = 30.0
"""Age of waiting work, s, from which a part counts as stuck."""


async def ingest(client: store.Store, _partitions: int) -> str | None:
    """Return what is wrong with ingest: it must have reported lately, and have the broker."""
    reports = await _reports(client, "ingest")
    if not reports:
        return f"no ingest has reported within {REPORT_TOO_OLD_S:g} s"
    away_s = min(report.get("broker_away_s", 0.0) for report in reports)
    if away_s > BEHIND_TOO_FAR_S:
        return f"ingest has been without the broker for {away_s:.0f} s"
    return None


async def detect(client: store.Store, partitions: int) -> str | None:
    """Return what is wrong with the detector: it must be there, and not behind the packets."""
    if not await _reports(client, "detect") and not await client.exists(keys.STARTING):
        return f"no detector has reported within {REPORT_TOO_OLD_S:g} s"
    for partition in await store.within_reach(client, partitions):
        newest: Any = await client.xrevrange(keys.wave(partition), count=1)
        if not newest:
            continue
        position: Any = await client.hget(keys.lag(partition), "position")
        if position is None:  # nothing was ever analysed: all that is kept is waiting
            oldest: Any = await client.xrange(keys.wave(partition), count=1)
            position = (oldest or newest)[0][0]
        behind_s = (entry_ms(newest[0][0]) - entry_ms(position)) / 1000
        if behind_s > BEHIND_TOO_FAR_S:
            return f"partition {partition} is {behind_s:.0f} s behind"
    return None


async def deliver(client: store.Store, partitions: int) -> str | None:
    """Return what is wrong with delivery: it must watch, and no change of an alert may wait."""
    if not await client.exists(keys.WATCHED):
        return "delivery does not watch the system"
    for partition in await store.within_reach(client, partitions):
        position = await _told_up_to(client, partition)
        oldest = f"({position}" if position else "-"
        waiting: Any = await client.xrange(keys.alertlog(partition), oldest, count=1)
        if not waiting:
            continue
        waits_s = time.time() - entry_ms(waiting[0][0]) / 1000
        if position and waits_s > BEHIND_TOO_FAR_S:
            return f"partition {partition}: a change of an alert waits for {waits_s:.0f} s"
    return None


async def _told_up_to(client: store.Store, partition: int) -> str:
    """Id of the last change of an alert that has been told to any of the brokers, or nothing."""
    found = await store.read_hash(client, keys.cursors(partition))
    told = [
        position.decode()
        for channel, position in found.items()
        if channel.split("/")[0] == keys.MQTT_CHANNEL
    ]
    return max(told, key=entry_order, default="")


async def explain(client: store.Store, _partitions: int) -> str | None:
    """Return what is wrong with the explainer: its sign of life must not have expired."""
    return None if await client.exists(keys.EXPLAIN_ALIVE) else "no explainer has reported lately"


async def record(client: store.Store, _partitions: int) -> str | None:
    """Return what is wrong with the recorder: it must have reported lately, and have space."""
    reports = await _reports(client, "record")
    if not reports:
        return f"no recorder has reported within {REPORT_TOO_OLD_S:g} s"
    held = min((str(report.get("recording_held", "")) for report in reports), key=len)
    return f"nothing is recorded: {held}" if held else None


async def work(client: store.Store, _partitions: int) -> str | None:
    """Return what is wrong with the workers for files: one must have been heard of lately."""
    from rq.worker_registration import REDIS_WORKER_KEYS  # noqa: PLC0415 - `--help` needs no queue

    names: Any = await client.smembers(REDIS_WORKER_KEYS)
    for name in names:
        if await client.exists(name):  # it runs out when the worker is not heard of
            return None
    return "no worker for files has reported lately"


async def _reports(client: store.Store, role: str) -> list[dict[str, Any]]:
    """Reports of the processes of a role that have reported lately."""
    reports = [json.loads(text) for text in await client.hvals(keys.THROUGHPUT)]
    since = time.time() - REPORT_TOO_OLD_S
    return [one for one in reports if one.get("role") == role and one["t"] >= since]


CHECKS: dict[str, Callable[[store.Store, int], Awaitable[str | None]]] = {
    "ingest": ingest,
    "detect": detect,
    "deliver": deliver,
    "explain": explain,
    "record": record,
    "work": work,
}
"""Part of the system -> its check, which returns what is wrong, or None."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("part", metavar="PART", choices=sorted(CHECKS), help=", ".join(CHECKS))


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Check one part; returns 0 if it works, else 1 with the reason on standard output."""
    problem = asyncio.run(_check(args.part, settings))
    if problem:
        print(problem)
    return 1 if problem else 0


async def _check(part: str, settings: Settings) -> str | None:
    try:
        async with store.answering(settings.require("redis_url")) as client:
            refused = await why_refused(client, keys.probe(f"health:{part}"))
            if refused:
                return f"Redis takes no writes: {refused}"
            return await CHECKS[part](client, settings.partitions)
    except (EcgMonitorError, store.StoreError) as error:
        return str(error)
