"""Who works on a partition says so a few times a second; who stands by takes over when it stops.

A lease is advice, not protection: that is the fence of the detector. It makes one that was killed,
or hangs, be replaced within three seconds by one that has everything loaded.
"""

from __future__ import annotations

import asyncio
import threading
import time

from ecg_monitor.core import keys, store
from ecg_monitor.core.servers.places import urls_of
from ecg_monitor.core.store import Store, StoreError

LEASE_S = 1.2
"""How long a lease lasts without renewal, s."""
RENEW_S = 0.25
"""How often it is renewed, s."""
LOOK_S = 0.15
"""How often who stands by looks, s."""
GONE_S = 0.5
"""A lease must be gone for so long, s, while Redis answers: after an outage of Redis the owner gets
its turn first."""


class Holder:
    """Renews the leases of the partitions that this process owns.

    It does so in a thread: a long batch of analysis is no silence, but a process that hangs is.

    Args:
        url: Redis.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._servers = len(urls_of(url))
        self._owned: frozenset[int] = frozenset()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="lease")

    @property
    def owned(self) -> list[int]:
        """The partitions, in order."""
        return sorted(self._owned)

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more; what is held runs out."""
        self._ended.set()

    def add(self, partition: int) -> None:
        """Hold a partition from now on."""
        self._owned |= {partition}

    def remove(self, partition: int) -> None:
        """Hold a partition no longer: its lease runs out."""
        self._owned -= {partition}

    def _run(self) -> None:
        asyncio.run(self._renew())

    async def _renew(self) -> None:
        client = store.connect(self._url)
        # By server: one that does not answer must not keep the leases of others from renewal.
        await asyncio.gather(
            *(
                self._renew_at(server, index)
                for index, server in enumerate(store.servers_of(client))
            )
        )
        await client.aclose()

    async def _renew_at(self, server: Store, index: int) -> None:
        while not self._ended.is_set():
            try:
                async with asyncio.timeout(LEASE_S), server.pipeline(transaction=False) as pipe:
                    for partition in self._owned:
                        if keys.server_of(partition, self._servers) == index:
                            pipe.set(keys.lease(partition), b"1", px=round(LEASE_S * 1000))
                    if len(pipe):
                        await pipe.execute()
            except (StoreError, TimeoutError):
                pass  # who owns a partition finds out by itself that Redis is away
            await asyncio.sleep(RENEW_S)


class LeaseWatch:
    """Waits for the leases of any number of partitions of one server, with one look at a time.

    Args:
        client: Redis.
    """

    def __init__(self, client: Store) -> None:
        self._client = client
        self._gone_since: dict[int, float] = {}
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait_for(self, partition: int) -> None:
        """Wait until nobody holds a partition, and hold it; of several that wait, one gets it.

        One wait at a time for each partition.

        Raises:
            StoreError: Redis does not answer.
        """
        future = self._waiting[partition] = asyncio.get_running_loop().create_future()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again_and_again())
        try:
            await future
        finally:
            del self._waiting[partition]
            self._gone_since.pop(partition, None)

    async def _look_again_and_again(self) -> None:
        """Look until nobody waits any more; a failure is that of all who wait."""
        try:
            while self._waiting:
                await self._look(sorted(self._waiting))
                await asyncio.sleep(LOOK_S)
        except StoreError as error:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(error)

    async def _look(self, partitions: list[int]) -> None:
        held = await self._client.mget([keys.lease(one) for one in partitions])
        now = time.monotonic()
        for partition, value in zip(partitions, held, strict=True):
            if value is not None:
                self._gone_since.pop(partition, None)
                continue
            gone_since = self._gone_since.setdefault(partition, now)
            if now - gone_since < GONE_S or not await self._client.set(
                keys.lease(partition), b"1", px=round(LEASE_S * 1000), nx=True
            ):
                continue
            future = self._waiting.get(partition)
            if future is not None and not future.done():
                future.set_result(None)
