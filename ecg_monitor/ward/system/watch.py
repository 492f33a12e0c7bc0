"""Looks at the system every second, and keeps what is wrong with it: in memory and in Redis.

What is wrong is often that Redis takes no writes, or is away. So the `Journal` in memory is what
counts, and what is told to others comes from there; Redis gets it when it can: for the pages, for
the record, and for the process that comes after this one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward.system.changes import KEPT, Change, Journal, change_from_json
from ecg_monitor.ward.system.conditions import Condition, judge, judge_away
from ecg_monitor.ward.system.figures import system_figures, writing_figures

log = logging.getLogger("deliver")

LOOK_S = 1.0
ANSWER_S = 5.0
"""Redis is away when it does not answer for so long."""
KEEP_S = 1.0
"""What is told does not wait longer for being kept."""
EXPIRE_S = 15
"""The hash outlives its writer by so long."""
LOG_LENGTH = 10_000

_KEEP = lua(__name__, "keep_conditions")


class Watcher:
    """Looks at the system. Make it with `open`; then `run` it, or `look`.

    Attributes:
        journal: what was wrong, and what is.
        changed: set when there is something new in it; another one then takes its place.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        journal: Journal,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.journal = journal
        self.changed = asyncio.Event()
        self._store = store
        self._settings = settings
        self._now = now
        self._kept = journal.last
        self._keeps = True

    @classmethod
    async def open(
        cls, store: Store, settings: Settings, now: Callable[[], float] = time.time
    ) -> Watcher:
        """Take up where the process before this one stopped.

        Raises:
            StoreError: Redis does not answer.
        """
        return cls(store, settings, Journal(await read_log(store)), now)

    async def run(self) -> None:
        """Look every second until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> dict[str, Condition]:
        """Look once, keep what is wrong, and return it by kind."""
        known = self.journal.present
        try:
            async with asyncio.timeout(ANSWER_S):
                figures = await system_figures(self._store, self._settings)
            present = judge(figures, known, self._now())
        except (StoreError, TimeoutError) as error:
            log.debug("cannot look: %s", error)
            present = judge_away(known, self._now())
        found = self.journal.take(present, self._now())
        for change in found:
            if change.what == "began":
                log.error("%s", change.condition.text)
            else:
                log.warning("%s: over", change.condition.text)
        await self._keep(present)
        if found:  # only now: what is told should be known to the process that comes after this one
            self.changed.set()
            self.changed = asyncio.Event()
        return present

    async def _keep(self, present: Mapping[str, Condition]) -> None:
        """Write to Redis what is wrong and what has changed; that it may not work is no news."""
        changes = self.journal.after(self._kept)
        words: list[Any] = [EXPIRE_S, LOG_LENGTH, len(present)]
        for kind, condition in present.items():
            words += (kind, orjson.dumps(asdict(condition)))
        for change in changes:
            words += (change.number, change.what, change.to_json())
        try:
            async with asyncio.timeout(KEEP_S):
                await self._store.register_script(_KEEP)(
                    keys=[keys.SYSTEM, keys.SYSTEM_LOG], args=words
                )
        except (StoreError, TimeoutError) as error:
            if self._keeps:
                why = str(error) or f"no answer within {KEEP_S:g} s"
                log.warning("what is wrong with the system is told, but not kept: %s", why)
            self._keeps = False
        else:
            self._keeps = True
            self._kept = changes[-1].number if changes else self._kept


async def read_conditions(store: Store) -> dict[str, Condition]:
    """Return what is wrong with the system, by kind, as any process may find it.

    What the watcher has kept, and whether Redis takes writes at all: if it does not, the watcher
    could keep nothing.

    Raises:
        StoreError: Redis does not answer.
    """
    found: Any = await store.hgetall(keys.SYSTEM)
    kept: dict[str, Condition] = {}
    for kind, text in found.items():
        try:
            kept[kind.decode()] = Condition(**orjson.loads(text))
        except (ValueError, TypeError) as error:  # another version of us has written it
            log.warning("%s: skipped %s: %s", keys.SYSTEM, kind, error)
    seen = judge(await writing_figures(store), kept, time.time())
    return kept | seen


async def read_log(store: Store, most: int = KEPT) -> list[Change]:
    """Return the last changes, oldest first.

    Raises:
        StoreError: Redis does not answer.
    """
    found: Any = await store.xrevrange(keys.SYSTEM_LOG, count=most)
    changes = []
    for name, fields in reversed(found):
        try:
            changes.append(change_from_json(fields[b"e"]))
        except (ValueError, KeyError, TypeError) as error:  # an older version wrote it
            log.debug("%s: skipped %s: %r", keys.SYSTEM_LOG, name, error)
    return changes
