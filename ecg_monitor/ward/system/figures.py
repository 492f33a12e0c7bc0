"""Reads from Redis and the disk how the system is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from redis.asyncio.client import Pipeline

from ecg_monitor.core import keys
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.system.conditions import Figures
from ecg_monitor.ward.system.process_figures import SILENT_S, read_reports

LIVE_S = 10.0
"""A partition whose newest packet is older has nothing to analyse."""
_GB = 1e9


async def system_figures(store: Store, settings: Settings) -> Figures:
    """Read all figures, in two round trips: a slow Redis must not be taken for one that is away.

    Raises:
        StoreError: Redis does not answer.
    """
    async with store.pipeline(transaction=False) as pipe:
        pipe.time()
        for partition in range(settings.partitions):
            pipe.hget(keys.lag(partition), "position")
            pipe.xrevrange(keys.wave(partition), count=1)
        pipe.hgetall(keys.THROUGHPUT)
        _ask_writing(pipe)
        (seconds, microseconds), *found, reports, memory, saving = await pipe.execute()
    now = seconds + microseconds / 1e6
    writing = _writing(memory, saving)
    folder = settings.state_dir
    return Figures(
        behind_s=await _behind_s(store, list(zip(found[::2], found[1::2], strict=True)), now),
        memory=writing.memory,
        disk_free_gb=_free_gb(folder) if folder.is_dir() else None,
        saved=writing.saved,
        turned_away=_turned_away(reports, now),
    )


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


async def _behind_s(store: Store, found: Sequence[tuple[bytes | None, Any]], now: float) -> float:
    """How long the oldest live packet has been waiting for its analysis, s.

    Args:
        store: client.
        found: by partition: id of the last packet analysed, and the newest packet in a list.
        now: Unix time, s.
    """
    async with store.pipeline(transaction=False) as pipe:
        asked = False
        for partition, (position, newest) in enumerate(found):
            if (
                newest
                and newest[0][0] != position
                and now - entry_ms(newest[0][0]) / 1000 <= LIVE_S
            ):
                after = "-" if position is None else f"({position.decode()}"
                pipe.xrange(keys.wave(partition), after, "+", 1)
                asked = True
        waiting: Any = await pipe.execute() if asked else []
    return max((now - entry_ms(oldest[0][0]) / 1000 for oldest in waiting if oldest), default=0.0)


def _turned_away(reports: Mapping[bytes, bytes], now: float) -> int:
    """How many devices the ingest processes that are there have turned away within a minute."""
    present = read_reports({name.decode(): text for name, text in reports.items()}, now, SILENT_S)
    return sum(int(one.get("turned_away", 0)) for one in present if one["role"] == "ingest")


def _free_gb(folder: Path) -> float:
    return shutil.disk_usage(folder).free / _GB
