"""Looks at the system twice a second, and keeps what is wrong with it: in memory and in Redis.

What is wrong is often that Redis takes no writes, or is away. So the `Journal` in memory is what
counts, and what is told to others comes from there; Redis gets it when it can: for the pages, for
the record, and for the process that comes after this one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreError, name_of
from ecg_monitor.ward.system.changes import KEPT, Change, Journal, change_from_json
from ecg_monitor.ward.system.conditions import Condition, Figures, judge, judge_away
from ecg_monitor.ward.system.figures import (
    look_at,
    why_others_refuse,
    why_refused,
    writing_figures,
)
from ecg_monitor.ward.system.parts import PartsReading, without_broker

log = logging.getLogger("deliver")

LOOK_S = 0.5
"""Pause between two looks, s: what a part reports every second must be told within 5 s."""
ANSWER_S = 3.0
"""Redis is away when it does not answer for so long: it is told within 5 s."""
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
        broker_lost: monotonic time since when the process that watches is without a broker, s, by
            what the broker is called (see `named_brokers`). Set by who holds the connections.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        journal: Journal,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.journal = journal
        self.changed = asyncio.Event()
        self.broker_lost: dict[str, float] = {}
        self._store = store
        self._settings = settings
        self._now = now
        self._clock = clock
        self._parts = PartsReading()
        self._kept = journal.last
        self._keeps = True
        self._silent: tuple[str, ...] = ()

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
        """Look twice a second until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> dict[str, Condition]:
        """Look once, keep what is wrong, and return it by kind."""
        known = self.journal.present
        writes = False
        try:
            figures = await self._figures(late="analysis_late" in known)
            present = judge(figures, known, self._now())
            writes = not figures.refused
        except (StoreError, TimeoutError) as error:
            log.debug("cannot look: %s", error)
            present = judge_away(known, self._now(), name_of(self._store, 0))
        found = self.journal.take(present, self._now())
        for change in found:
            if change.what == "began":
                log.error("%s", change.condition.text)
            else:
                log.warning("%s: over", change.condition.text)
        if writes:
            await self._keep(present)  # what is told should be known to who comes after this one
        if found:
            self.changed.set()
            self.changed = asyncio.Event()
        return present

    async def _figures(self, *, late: bool) -> Figures:
        """Look at Redis and write to it, each by itself: it may do the one and not the other.

        Raises:
            StoreError: Redis does not answer.
            TimeoutError: likewise.
        """
        async with asyncio.timeout(ANSWER_S + 2 * LOOK_S):
            refusing = asyncio.ensure_future(why_refused(self._store, keys.WATCHED))
            others = asyncio.ensure_future(why_others_refuse(self._store, keys.WATCHED))
            try:
                async with asyncio.timeout(ANSWER_S):
                    sight = await look_at(self._store, self._settings, late=late)
                refused, refused_by = await refusing, await others
            finally:
                await cancel_all([refusing, others])
        # A server that is away is so twice: one look may have come too late for its answer.
        away = [one for one in sight.silent if one in self._silent]
        self._silent = sight.silent
        clock = self._clock()
        away_s = clock - min(self.broker_lost.values(), default=clock)
        figures = replace(
            sight.figures,
            refused=refused,
            refused_by=refused_by,
            away="; ".join(away),
            broker_away_s=away_s,
            broker_away_from=without_broker("delivery", self.broker_lost) if away_s else "",
        )
        return self._parts.look(figures, sight.reports, clock, starting=sight.starting)

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


async def read_conditions(store: Store, who: str = "") -> dict[str, Condition]:
    """Return what is wrong with the system, by kind, as any process may find it.

    What the watcher has kept; whether Redis takes writes, for if it does not, the watcher could
    keep nothing; and whether anybody watches.

    Args:
        store: client.
        who: names the process that asks; without it, only figures say whether Redis takes writes.

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
    refused = await why_refused(store, keys.probe(who)) if who else ""
    figures = replace(await writing_figures(store), refused=refused)
    seen = judge(figures, kept, time.time())
    if not refused and not await store.exists(keys.WATCHED):
        seen["unwatched"] = Condition("unwatched", time.time())
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
