"""Reads from Redis and the disk how the system is, and tries whether Redis takes writes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio.client import Pipeline

from ecg_monitor.core import keys
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreRefusedError, check_answers
from ecg_monitor.ward.system.conditions import Figures

LIVE_S = 10.0
"""A partition whose newest packet is older has nothing new to analyse."""
WRITE_S = 3.0
"""A write that takes longer, s, is as good as refused."""
WATCHED_MS = 3000
"""The mark of who watches outlives it by so long, ms: it looks every second."""
_GB = 1e9


@dataclass(frozen=True, slots=True)
class SystemReading:
    """What one look at Redis shows.

    Attributes:
        figures: what can be said from it alone.
        reports: the processes' reports (see `ecg_monitor.ward.system.process_figures`), by name.
        starting: whether analysis is being compiled.
    """

    figures: Figures
    reports: Mapping[str, Mapping[str, Any]]
    starting: bool


async def look_at(store: Store, settings: Settings, *, late: bool) -> SystemReading:
    """Look, in a few round trips: a slow Redis must not be taken for one that is away.

    Args:
        store: client.
        settings: partitions, folder of the state.
        late: whether analysis was late: it stays so until it has read what waits.

    Raises:
        StoreError: Redis does not answer.
    """
    async with store.pipeline(transaction=False) as pipe:
        pipe.time()
        pipe.hgetall(keys.THROUGHPUT)
        pipe.exists(keys.STARTING)
        for partition in range(settings.partitions):
            pipe.hget(keys.lag(partition), "position")
            pipe.xrevrange(keys.wave(partition), count=1)
        _ask_writing(pipe)
        (seconds, microseconds), told, starting, *found, memory, saving = await pipe.execute()
    now = seconds + microseconds / 1e6
    pairs = list(zip(found[::2], found[1::2], strict=True))
    figures = replace(
        _writing(memory, saving),
        behind_s=await _behind_s(store, pairs, now, late=late),
        quiet_s=await _quiet_s(store, settings, [newest for _, newest in pairs], now),
        disk_free_gb=_free_gb(settings.state_dir) if settings.state_dir.is_dir() else None,
    )
    reports = {name.decode(): orjson.loads(text) for name, text in told.items()}
    return SystemReading(figures, reports, bool(starting))


async def why_refused(store: Store, key: str, within_s: float = WRITE_S) -> str:
    """Write to Redis; return why it takes no writes, or nothing if it does.

    It may be a replica, out of memory or of disk, without replicas, closed to this user: none of
    its figures says all of that.

    Args:
        store: client.
        key: what is written; it expires.
        within_s: a write that takes longer, s, counts as refused.

    Raises:
        StoreError: Redis does not answer.
    """
    writing = asyncio.ensure_future(store.set(key, b"1", px=WATCHED_MS))
    tasks = [writing]
    try:
        await asyncio.wait(tasks, timeout=within_s / 2)
        if not writing.done():  # Redis may be away altogether: that is another matter
            tasks.append(reading := asyncio.ensure_future(check_answers(store, within_s)))
            await asyncio.wait([writing], timeout=within_s / 2)
            if not writing.done():
                await reading
                return f"no write is answered within {within_s:g} s"
        await writing
    except StoreRefusedError as error:
        return str(error).rstrip(".")
    finally:
        await cancel_all(tasks)
    return ""


async def writing_figures(store: Store) -> Figures:
    """Read only what decides whether Redis takes writes, in one round trip.

    Raises:
        StoreError: Redis does not answer.
    """
    async with store.pipeline(transaction=False) as pipe:
        _ask_writing(pipe)
        return _writing(*await pipe.execute())


def _ask_writing(pipe: Pipeline) -> None:
    pipe.info("memory")
    pipe.info("persistence")


def _writing(memory: Mapping[str, Any], saving: Mapping[str, Any]) -> Figures:
    allowed = memory["maxmemory"] or memory.get("total_system_memory", 0)
    return Figures(
        memory=memory["used_memory"] / allowed if allowed else None,
        saved=all(
            saving.get(name, "ok") == "ok"
            for name in ("aof_last_write_status", "aof_last_bgrewrite_status")
        ),
    )


async def _behind_s(
    store: Store, found: Sequence[tuple[bytes | None, Any]], now: float, *, late: bool
) -> float:
    """How long the oldest packet has been waiting for its analysis, s.

    Args:
        store: client.
        found: by partition: id of the last packet analysed, and the newest packet in a list.
        now: Unix time, s.
        late: look also at partitions whose newest packet is old.
    """
    async with store.pipeline(transaction=False) as pipe:
        asked = False
        for partition, (position, newest) in enumerate(found):
            if (
                newest
                and newest[0][0] != position
                and (late or now - entry_ms(newest[0][0]) / 1000 <= LIVE_S)
            ):
                after = "-" if position is None else f"({position.decode()}"
                pipe.xrange(keys.wave(partition), after, "+", 1)
                asked = True
        waiting: Any = await pipe.execute() if asked else []
    return max((now - entry_ms(oldest[0][0]) / 1000 for oldest in waiting if oldest), default=0.0)


async def _quiet_s(
    store: Store, settings: Settings, newest: Sequence[Any], now: float
) -> float | None:
    """Age of the newest packet, s; None if none is expected.

    Packets are expected as long as some are kept for pages, and while a patient is admitted.
    """
    quiet_s = min((now - entry_ms(one[0][0]) / 1000 for one in newest if one), default=None)
    if quiet_s is not None and quiet_s <= settings.wave_retention_s:
        return quiet_s
    async with store.pipeline(transaction=False) as pipe:
        for partition in range(settings.partitions):
            pipe.hvals(keys.patients(partition))
        beds: Any = [bed for found in await pipe.execute() for bed in found]
    if not any(orjson.loads(bed).get("admission") for bed in beds):
        return None
    return settings.wave_retention_s if quiet_s is None else quiet_s


def _free_gb(folder: Path) -> float:
    return shutil.disk_usage(folder).free / _GB
