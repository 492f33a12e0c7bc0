"""Feeds the hub's core from the streams in Redis.

The reader blocks on the streams of all partitions at once and starts a little in the past, so that
a page shows a trace at once. It outlives an outage of Redis and goes on where it stopped, so that
nothing is shown twice or left out. What is not a stream is fetched by `dashboard.hub.polling`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from dashboard.hub import entries
from dashboard.hub.core import HubCore
from dashboard.hub.requests import HISTORY_S
from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError, WireError
from ecg_monitor.core.store import Store, StoreError, holder_of, read_words
from ecg_monitor.ward.alerts import trail

log = logging.getLogger(__name__)

BLOCK_MS = 500
GATHER_S = 0.02
"""Least time from the beginning of one read to that of the next, s: little more than a page's frame
lasts (1/60 s). What comes after a pause is read at once; the packets of many beds share a read."""
UNWATCHED_S = 0.25
"""The same where no page is open, s: a page that comes is shown the past, and waits so long at most
for what is new. `delays` holds it as well."""
GATHER_EACH_S, MOST_GATHER_S = 0.00015, 0.05
"""What each page and each bed add to that, s, and the most that it comes to: a read and a message
cost as much as what is in them, so many pages are told, and many beds are read, less often."""
READ_COUNT = 500
"""Most entries of one stream in a read."""
RETRY_S = 0.5

_Handler = Callable[[Sequence[Any], float], Sequence[WireError | AlertError]]


def gather_s(clients: int, beds: int) -> float:
    """Return the least time between the beginnings of two reads, s.

    Args:
        clients: how many pages are open.
        beds: how many beds there are.
    """
    if clients == 0:
        return UNWATCHED_S
    return min(MOST_GATHER_S, GATHER_S + (clients + beds) * GATHER_EACH_S)


class StreamReader:
    """Follows the streams of some partitions.

    Args:
        core: takes what is read.
        client: Redis.
        partitions: numbers of the partitions.

    Attributes:
        caught_up: set once the past has been read.
    """

    def __init__(self, core: HubCore, client: Store, partitions: Sequence[int]) -> None:
        self.caught_up = asyncio.Event()
        self._core = core
        self._client = client
        self._partitions = partitions
        self._positions: dict[str, bytes | str] = {}
        self._handlers: dict[str, _Handler] = {}
        for one in partitions:
            self._handlers |= {
                keys.wave(one): partial(core.wave_entries, one),
                keys.events(one): self._on_events,
                keys.alertlog(one): partial(self._on_alerts, one),
            }

    async def follow(self) -> None:
        """Read the streams until cancelled."""
        while True:
            try:
                began = time.monotonic()
                more = await self.read()
                least_s = 0.0 if more else gather_s(len(self._core.clients), len(self._core.beds))
                await asyncio.sleep(max(0.0, began + least_s - time.monotonic()))
            except StoreError as error:
                log.warning("Redis is away: %s", error)
                await asyncio.sleep(RETRY_S)

    async def read(self) -> bool:
        """Take what has come since the last time, waiting for it for a moment.

        Returns:
            whether more waits.

        Raises:
            StoreError: Redis does not answer.
        """
        if not self._positions:
            seconds, microseconds = await holder_of(self._client, self._partitions[0]).time()
            since = int((seconds - HISTORY_S) * 1000 + microseconds / 1000)
            self._positions = dict.fromkeys(self._handlers, f"{since}-0")
        answer = await read_words(self._client, self._positions, READ_COUNT, BLOCK_MS)
        now = time.time()
        for partition in self._partitions:
            self._core.heard(partition, now)
        most = 0
        for name, found in answer:
            for error in self._handlers[name](found, now):
                self._core.unreadable += 1
                log.warning("%s: skipped an entry: %s", name, error)
            self._positions[name] = found[-1][0]
            most = max(most, len(found))
        if most >= READ_COUNT:
            return True
        self.caught_up.set()
        return False

    def _on_events(self, found: Sequence[Any], now: float) -> Sequence[WireError]:
        self._core.events_read(entries.committed_at(found[0][0]), now)
        return self._core.event_entries(found, now)

    def _on_alerts(self, partition: int, found: Sequence[Any], now: float) -> list[AlertError]:
        errors = []
        for _, words in found:
            try:
                entry = trail.from_fields(entries.fields_of(words))
                self._core.alert_entry(partition, entry, now)
            except AlertError as error:
                errors.append(error)
        return errors
