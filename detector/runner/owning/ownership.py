"""The partitions of one process: those that it works on, and those that it stands by for.

A command owns what it was told to; an actor of a cluster stands by for all partitions, and is told
which to let go and which to take.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from detector.runner.partition import PartitionRunner
from detector.runner.turns import Pace
from ecg_monitor.core import keys
from ecg_monitor.core.errors import FencedError
from ecg_monitor.core.remote.lease import Holder, LeaseWatch
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreError, servers_of

log = logging.getLogger("detector")

RETRY_S = 1.0


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
        self._watches = [LeaseWatch(client) for _ in servers_of(client)]
        self._pace = Pace()
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
        await cancel_all(tasks)
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
        await cancel_all([self._tasks[partition]])
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
        while True:
            runner = None
            try:
                if waits:
                    at = keys.server_of(partition, len(self._watches))
                    await self._watches[at].wait_for(partition)
                self._holder.add(partition)
                waits = standby
                runner = await PartitionRunner.open(self._client, partition, self._settings)
                if opened is not None and not opened.done():
                    opened.set_result(None)
                await runner.run(self._pace)
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
            except asyncio.CancelledError:
                if runner is not None:
                    await _save(runner)
                raise


async def _save(runner: PartitionRunner) -> None:
    try:
        await runner.save_all()
    except StoreError as error:  # what follows the last checkpoints is then analysed again
        log.warning("the last state could not be saved: Redis: %s", error)
