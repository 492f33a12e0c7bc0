"""Reads from Redis and the disk how the system is, and tries whether Redis takes writes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio.client import Pipeline

from ecg_monitor.core import keys
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import (
    Store,
    StoreError,
    StoreRefusedError,
    check_answers,
    name_of,
    servers_of,
)
from ecg_monitor.ward.system.conditions import Figures

LIVE_S = 10.0
"""A partition whose newest packet is older has nothing new to analyse."""
WRITE_S = 3.0
"""A write that takes longer, s, is as good as refused."""
SERVER_S = 1.0
"""One server of several is not waited for longer, s: looks at the others must not lie far apart."""
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
        silent: servers of several that have not answered.
    """

    figures: Figures
    reports: Mapping[str, Mapping[str, Any]]
    starting: bool
    silent: tuple[str, ...]


async def look_at(store: Store, settings: Settings, *, late: bool) -> SystemReading:
    """Look, in a few round trips: a slow Redis must not be taken for one that is away.

    Of several servers the first must answer; of another that does not nothing is seen but that.

    Args:
        store: client.
        settings: partitions, folder of the state.
        late: whether analysis was late: it stays so until it has read what waits.

    Raises:
        StoreError: Redis does not answer.
    """
    looks = [
        _look_at_server(server, index, some)
        for index, (server, some) in enumerate(_with_partitions(store, settings))
    ]
    home, *others = await asyncio.gather(*looks)
    if isinstance(home, Exception):
        raise home
    (seconds, microseconds), told, starting = home.more
    now = seconds + microseconds / 1e6
    seen = [home, *(one for one in others if isinstance(one, _ServerReading))]
    silent = tuple(
        name_of(store, index)
        for index, one in enumerate(others, start=1)
        if isinstance(one, Exception)
    )
    found = {partition: pair for one in seen for partition, pair in one.pairs.items()}
    memory = [one.memory for one in (_writing(*one.writing) for one in seen) if one.memory]
    figures = Figures(
        memory=max(memory, default=None),
        saved=all(_writing(*one.writing).saved for one in seen),
        behind_s=await _behind_s(store, found, now, late=late),
        quiet_s=await _quiet_s(store, settings, found, now),
        disk_free_gb=_free_gb(settings.state_dir) if settings.state_dir.is_dir() else None,
    )
    reports = {name.decode(): orjson.loads(text) for name, text in told.items()}
    return SystemReading(figures, reports, bool(starting), silent)


@dataclass(frozen=True, slots=True)
class _ServerReading:
    """What one server says: of the system if it is the home, of its partitions, and of itself."""

    more: Sequence[Any]
    pairs: Mapping[int, tuple[bytes | None, Any]]
    writing: tuple[Mapping[str, Any], Mapping[str, Any]]


def _with_partitions(store: Store, settings: Settings) -> list[tuple[Store, list[int]]]:
    servers = servers_of(store)
    of_server: list[list[int]] = [[] for _ in servers]
    for partition in range(settings.partitions):
        of_server[keys.server_of(partition, len(servers))].append(partition)
    return list(zip(servers, of_server, strict=True))


async def _look_at_server(
    server: Store, index: int, partitions: Sequence[int]
) -> _ServerReading | StoreError | TimeoutError:
    """Return what a server says; or why it says nothing."""
    try:
        async with (
            asyncio.timeout(SERVER_S if index else None),
            server.pipeline(transaction=False) as pipe,
        ):
            if not index:
                pipe.time()
                pipe.hgetall(keys.THROUGHPUT)
                pipe.exists(keys.STARTING)
            for partition in partitions:
                pipe.hget(keys.lag(partition), "position")
                pipe.xrevrange(keys.wave(partition), count=1)
            _ask_writing(pipe)
            *found, memory, saving = await pipe.execute()
    except (StoreError, TimeoutError) as error:
        return error
    more, found = (found[:3], found[3:]) if not index else ([], found)
    pairs = dict(zip(partitions, zip(found[::2], found[1::2], strict=True), strict=True))
    return _ServerReading(more, pairs, (memory, saving))


async def why_others_refuse(store: Store, key: str) -> str:
    """Write to the servers beside the first; return which take no writes and why, or nothing.

    One that is away is not among them.

    Args:
        store: client.
        key: what is written; it expires.
    """
    others = servers_of(store)[1:]
    found = await asyncio.gather(
        *(why_refused(one, key, SERVER_S) for one in others), return_exceptions=True
    )
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, StoreError | TimeoutError):
            raise one
    return "; ".join(
        f"{name_of(store, index)}: {why}"
        for index, why in enumerate(found, start=1)
        if why and isinstance(why, str)
    )


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
    store: Store, found: Mapping[int, tuple[bytes | None, Any]], now: float, *, late: bool
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
        for partition, (position, newest) in found.items():
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
    store: Store,
    settings: Settings,
    found: Mapping[int, tuple[bytes | None, Any]],
    now: float,
) -> float | None:
    """Age of the newest packet, s; None if none is expected.

    Packets are expected as long as some are kept for pages, and while a patient is admitted.
    """
    ages = (now - entry_ms(newest[0][0]) / 1000 for _, newest in found.values() if newest)
    quiet_s = min(ages, default=None)
    if quiet_s is not None and quiet_s <= settings.wave_retention_s:
        return quiet_s
    async with store.pipeline(transaction=False) as pipe:
        for partition in found:
            pipe.hvals(keys.patients(partition))
        beds: Any = [bed for some in await pipe.execute() for bed in some]
    if not any(orjson.loads(bed).get("admission") for bed in beds):
        return None
    return settings.wave_retention_s if quiet_s is None else quiet_s


def _free_gb(folder: Path) -> float:
    return shutil.disk_usage(folder).free / _GB
