"""The partitions of one process: those that it works on, and those that it stands by for.

A command owns what it was told to; an actor of a cluster stands by for all partitions, and is told
which to let go and which to take.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from detector.runner.owning.round import LEAVE_S, Round
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys
from ecg_monitor.core.errors import FencedError
from ecg_monitor.core.remote.lease import Holder, LeaseWatch
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreError, servers_of

log = logging.getLogger("detector")

RETRY_S = 1.0
AGAIN_S = LEAVE_S + 1.0
"""Time given to a partition's work to end before it is cancelled again, s."""


class Ownership:
    """Keeps partitions going until it is closed; Redis may go away and come back.

    Args:
        client: Redis.
        settings: of the process.
    """

    def __init__(self, client: Store, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._holder = Holder(settings.require("redis_url"))
        # A server that is away holds up the partitions that lie on it, and no others.
        self._watches = [LeaseWatch(client) for _ in servers_of(client)]
        self._rounds = [Round(client) for _ in servers_of(client)]
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._failed = asyncio.Event()

    @property
    def owned(self) -> list[int]:
        """The partitions that this process works on, in order."""
        return self._holder.owned

    def start(self, partitions: Iterable[int], *, standby: bool) -> None:
        """Begin with partitions.

        Args:
            partitions: their numbers.
            standby: wait until nobody works on one, and go back to waiting when another takes it.
        """
        self._holder.start()
        for partition in partitions:
            self._begin(self._own(partition, standby=standby, waits=standby), partition)

    async def ended(self) -> None:
        """Wait until work on a partition has failed; `close` says of what."""
        await self._failed.wait()

    async def release(self, partition: int) -> None:
        """Save a partition's state and let it go; from then on this process stands by for it."""
        await self._end(partition)
        self._begin(self._own(partition, standby=True, waits=True), partition)

    async def take(self, partition: int) -> None:
        """Take a partition over now, whoever works on it; return when its state is restored.

        Raises:
            StoreError: Redis does not answer; it is tried again.
        """
        await self._end(partition)
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        work = self._own(partition, standby=True, waits=False, opened=opened)
        self._begin(work, partition)
        await asyncio.wait([opened, self._tasks[partition]], return_when=asyncio.FIRST_COMPLETED)
        if opened.done():
            opened.result()

    async def close(self) -> list[Exception]:
        """Save and let go of everything; return what works have failed of."""
        tasks = list(self._tasks.values())
        await cancel_all(tasks, AGAIN_S)
        self._holder.stop()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        return [one for one in results if isinstance(one, Exception)]

    def _begin(self, work: Coroutine[Any, Any, None], partition: int) -> None:
        task = self._tasks[partition] = asyncio.create_task(work)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._failed.set()

    async def _end(self, partition: int) -> None:
        """Let go of a partition; that its work had failed is known by then (`ended`)."""
        await cancel_all([self._tasks[partition]], AGAIN_S)
        self._holder.remove(partition)

    async def _own(
        self,
        partition: int,
        *,
        standby: bool,
        waits: bool,
        opened: asyncio.Future[None] | None = None,
    ) -> None:
        """Keep one partition going until cancelled.

        Raises:
            FencedError: another process has taken it over, and this one does not stand by.
        """
        server = keys.server_of(partition, len(self._rounds))
        watch, rounds = self._watches[server], self._rounds[server]
        while True:
            try:
                if waits:
                    await watch.wait_for(partition)
                self._holder.add(partition)
                waits = standby
                runner = await PartitionRunner.open(
                    self._client, partition, self._settings, apparatus=rounds.apparatus
                )
                if opened is not None and not opened.done():
                    opened.set_result(None)
                await rounds.work(runner)
            except FencedError as error:
                self._holder.remove(partition)
                if not standby:
                    raise
                log.warning("%s; standing by", error)
            except StoreError as error:
                self._holder.remove(partition)
                if opened is not None and not opened.done():
                    opened.set_exception(error)
                log.warning("partition %d: Redis: %s; trying again", partition, error)
                await asyncio.sleep(RETRY_S)
