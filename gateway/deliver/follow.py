"""Follows a partition's audit trail for a delivery channel, with a cursor in Redis.

The cursor moves only after the channel has delivered, so each change is delivered at least once,
whatever is killed. The stream is the queue: it is bounded, and nothing else waits in memory.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.remote.streams import entry_order
from ecg_monitor.core.store import Store, StoreRefusedError, holder_of, read_stream
from ecg_monitor.ward.alerts.handling.actions import LOG_LENGTH
from ecg_monitor.ward.alerts.trail import Entry, from_fields

log = logging.getLogger("deliver")

READ_COUNT = 100
BLOCK_MS = 500
FIRST_START_S = 60.0
"""A channel that has no cursor yet begins with the changes of the last minute."""


class Follower:
    """One channel's reading of one partition's trail. Make it with `open`."""

    def __init__(self, store: Store, partition: int, channel: str, position: str) -> None:
        self._store = store
        self._partition = partition
        self._channel = channel
        self.position = position

    @classmethod
    async def open(cls, store: Store, partition: int, channel: str) -> Follower:
        """Take up at the cursor.

        Raises:
            StoreError: Redis does not answer.
        """
        saved = await store.hget(keys.cursors(partition), channel)
        if saved is None:
            seconds, _ = await holder_of(store, partition).time()
            position = f"{max(0, int((seconds - FIRST_START_S) * 1000))}-0"
        else:
            position = saved.decode() if isinstance(saved, bytes) else str(saved)
            await _warn_of_loss(store, partition, channel, position)
        return cls(store, partition, channel, position)

    async def read(self, block_ms: int = BLOCK_MS) -> AsyncIterator[tuple[str, Entry]]:
        """Yield the changes that are there; waits for the first one.

        Raises:
            StoreError: Redis does not answer.
        """
        stream = keys.alertlog(self._partition)
        for name, fields in await read_stream(
            self._store, stream, self.position, READ_COUNT, block_ms
        ):
            try:
                entry = from_fields(fields)
            except AlertError as error:
                log.error("%s: skipped entry %s: %s", stream, name, error)
            else:
                yield name, entry
            self.position = name

    async def save(self) -> None:
        """Move the cursor to what has been read.

        If Redis answers but takes no writes, reading goes on from memory all the same: otherwise
        the same change would be delivered again and again until there is space.

        Raises:
            StoreError: Redis does not answer.
        """
        try:
            await self._store.hset(keys.cursors(self._partition), self._channel, self.position)
        except StoreRefusedError as error:
            log.warning("partition %d: the cursor of %s is not kept: %s", self._partition,
                        self._channel, error)  # fmt: skip


async def _warn_of_loss(store: Store, partition: int, channel: str, position: str) -> None:
    """Say so if the trail has been cut beyond the cursor: the channel was away too long."""
    oldest: Any = await store.xrange(keys.alertlog(partition), count=1)
    cut = await store.xlen(keys.alertlog(partition)) >= LOG_LENGTH
    if cut and entry_order(oldest[0][0]) > entry_order(position):
        log.warning(
            "partition %d: channel %s was away for so long that changes are gone",
            *(partition, channel),
        )
