"""What all routes share in one process: Redis, the thread that scores, counts of who asks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from starlette.requests import HTTPConnection

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.jobs.queue import JobQueue
from ecg_monitor.ward.accounts import changes
from ecg_monitor.ward.accounts.model import key_of
from ecg_monitor.ward.accounts.tokens import Token
from ecg_monitor.ward.accounts.trail import Entry
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.units.reading import UnitCopy
from ecg_monitor.ward.units.sight import VisibleBeds
from gateway.api.errors import ApiError
from gateway.api.rates import Buckets, Rate
from gateway.api.uploads import Intake

log = logging.getLogger("api")

REQUESTS = Rate(per_s=50.0, burst=300.0)
"""Of one token."""
REFUSALS = Rate(per_s=0.2, burst=20.0)
"""Requests of one network address without a token that is good."""
RECORDED = Rate(per_s=1 / 60, burst=1.0)
"""Such requests that the audit trail tells, of one address."""
CONNECTIONS = 32
"""Connections to Redis for requests; who comes when all are in use waits for milliseconds."""
LISTENERS, LISTENERS_OF_ONE = 64, 8
"""Streams of events at a time: each reads Redis by itself."""
MOST_WAITING = 64
"""Scores that wait for their turn; at 10 ms each the last one waits for 0.6 s."""

T = TypeVar("T")


class OpenSlots:
    """Counts what goes on for long (streams, uploads), so that one token does not take all places.

    Args:
        most: at a time.
        most_of_one: at a time, of one token.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._held: Counter[str] = Counter()

    def has_place(self, name: str) -> bool:
        """Return whether there is a place for a token."""
        return self._held.total() < self._most and self._held[name] < self._most_of_one

    @contextlib.contextmanager
    def place(self, name: str) -> Iterator[bool]:
        """Hold a place while the context lasts; yields whether there was one."""
        if not self.has_place(name):
            yield False
            return
        self._held[name] += 1
        try:
            yield True
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]


class ScoringThread:
    """Runs the networks: one question at a time, since their buffers are shared."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="score")
        self._waiting = 0
        self.is_ready = False

    async def start(self, warm: Callable[[], None]) -> None:
        """Make everything ready, which takes minutes after an update of the engine."""
        await asyncio.get_running_loop().run_in_executor(self._pool, warm)
        self.is_ready = True

    async def run(self, act: Callable[..., T], *args: Any) -> T:
        """Return what a function returns.

        Raises:
            ApiError: too many wait, or the engine is not ready yet (503).
        """
        if not self.is_ready:
            raise ApiError(503, "the engine is being made ready", headers={"Retry-After": "5"})
        if self._waiting >= MOST_WAITING:
            raise ApiError(503, "too many scores wait for their turn", headers={"Retry-After": "1"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, act, *args)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the thread; what waits is not run."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class ApiState:
    """What the routes of one process share.

    Args:
        settings: of the process.

    Raises:
        ServiceError: the address of Redis is malformed.
        SettingsError: there is none.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client: Store = store.connect(settings.require("redis_url"), CONNECTIONS)
        self.listener: Store = store.connect(settings.require("redis_url"), LISTENERS + 1)
        self.scoring = ScoringThread()
        self.requests = Buckets(REQUESTS)
        self.refusals = Buckets(REFUSALS)
        self.recorded = Buckets(RECORDED)
        self.listening = OpenSlots(LISTENERS, LISTENERS_OF_ONE)
        self.desk = Desk(self.client, settings)
        self.units = UnitCopy()
        self.intake = Intake(settings)
        self.jobs = JobQueue(settings)

    def partition_of(self, device: str) -> int:
        """Return the partition of a device."""
        return keys.partition_of(device, self.settings.partitions)

    async def sight_of(self, token: Token) -> VisibleBeds:
        """Return which beds the person behind a token sees now.

        Raises:
            StoreError: Redis does not answer.
        """
        await self.units.refresh(self.client)
        return self.units.book.sight_of(key_of(token.user))

    async def note(self, entry: Entry) -> None:
        """Write an entry of the audit trail.

        Raises:
            StoreError: Redis does not answer.
        """
        await changes.add_entry(self.client, entry)

    async def close(self) -> None:
        """End everything."""
        self.scoring.close()
        self.jobs.close()
        await self.client.aclose()
        await self.listener.aclose()


def state_of(connection: HTTPConnection) -> ApiState:
    """Return what the routes share."""
    return cast(ApiState, connection.app.state.shared)
