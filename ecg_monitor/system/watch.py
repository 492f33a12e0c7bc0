"""Looks at the system every second, and keeps in Redis what is wrong with it."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ecg_monitor import keys
from ecg_monitor.settings import Settings
from ecg_monitor.store import Store
from ecg_monitor.system.conditions import Condition, Figures, judge

log = logging.getLogger("deliver")

LOOK_S = 1.0
EXPIRE_S = 15
"""The hash outlives its writer by so long."""
LIVE_S = 10.0
"""A partition whose newest packet is older has nothing to analyse."""
LOG_LENGTH = 10_000
_GB = 1e9

_KEEP = """
for i = 3, #ARGV, 2 do
  if redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) == 1 then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'what', 'began', 'e', ARGV[i + 1])
  end
end
local present = {}
for i = 3, #ARGV, 2 do present[ARGV[i]] = true end
for _, kind in ipairs(redis.call('HKEYS', KEYS[1])) do
  if not present[kind] then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*',
      'what', 'ended', 'e', redis.call('HGET', KEYS[1], kind))
    redis.call('HDEL', KEYS[1], kind)
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""


async def watch(store: Store, settings: Settings) -> None:
    """Look until cancelled.

    Raises:
        StoreError: Redis does not answer.
    """
    while True:
        await look(store, settings)
        await asyncio.sleep(LOOK_S)


async def look(store: Store, settings: Settings) -> dict[str, Condition]:
    """Look once, keep what is wrong, and return it by kind.

    Raises:
        StoreError: Redis does not answer.
    """
    seconds, microseconds = await store.time()
    now = seconds + microseconds / 1e6
    known = await read_conditions(store)
    figures = await _figures(store, settings, now)
    present = judge(figures, known, now)
    for kind in present.keys() - known.keys():
        log.error("%s", present[kind].text)
    for kind in known.keys() - present.keys():
        log.warning("%s: over", known[kind].text)
    words: list[Any] = [EXPIRE_S, LOG_LENGTH]
    for kind, condition in present.items():
        words += (kind, orjson.dumps(asdict(condition)))
    await store.register_script(_KEEP)(keys=[keys.SYSTEM, keys.SYSTEM_LOG], args=words)
    return present


async def read_conditions(store: Store) -> dict[str, Condition]:
    """Return what is wrong with the system, by kind.

    Raises:
        StoreError: Redis does not answer.
    """
    found: Any = await store.hgetall(keys.SYSTEM)
    return conditions_from_hash(found)


def conditions_from_hash(found: Mapping[bytes, bytes]) -> dict[str, Condition]:
    """Read the hash ``ecg:system``."""
    return {kind.decode(): Condition(**orjson.loads(text)) for kind, text in found.items()}


async def _figures(store: Store, settings: Settings, now: float) -> Figures:
    behind = [await _behind_s(store, p, now) for p in range(settings.partitions)]
    memory: Any = await store.info("memory")
    saving: Any = await store.info("persistence")
    allowed = memory["maxmemory"] or memory.get("total_system_memory", 0)
    folder = settings.state_dir
    return Figures(
        behind_s=max(behind),
        memory=memory["used_memory"] / allowed if allowed else None,
        disk_free_gb=_free_gb(folder) if folder.is_dir() else None,
        saved=all(
            saving.get(name, "ok") == "ok"
            for name in ("aof_last_write_status", "aof_last_bgrewrite_status")
        ),
    )


async def _behind_s(store: Store, partition: int, now: float) -> float:
    """How long the oldest live packet has been waiting for its analysis, s."""
    wave = keys.wave(partition)
    async with store.pipeline(transaction=False) as pipe:
        pipe.hget(keys.lag(partition), "position")
        pipe.xrevrange(wave, count=1)
        position, newest = await pipe.execute()
    if not newest or now - _seconds(newest[0][0]) > LIVE_S or newest[0][0] == position:
        return 0.0
    after = "-" if position is None else f"({position.decode()}"
    waiting: Any = await store.xrange(wave, after, "+", 1)
    return max(0.0, now - _seconds(waiting[0][0])) if waiting else 0.0


def _seconds(entry: bytes) -> float:
    return int(entry.split(b"-")[0]) / 1000


def _free_gb(folder: Path) -> float:
    return shutil.disk_usage(folder).free / _GB
