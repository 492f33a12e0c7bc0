"""Who works on a partition says so a few times a second; who stands by takes over when it stops.

A lease is advice, not protection: that is the fence of the detector. It makes one that was killed,
or hangs, be replaced within three seconds by one that has everything loaded.
"""

from __future__ import annotations

import asyncio
import threading
import time

from ecg_monitor.core import keys, store
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
        while not self._ended.is_set():
            try:
                async with asyncio.timeout(LEASE_S), client.pipeline(transaction=False) as pipe:
                    for partition in self._owned:
                        pipe.set(keys.lease(partition), b"1", px=round(LEASE_S * 1000))
                    if self._owned:
                        await pipe.execute()
            except (StoreError, TimeoutError):
                pass  # who owns a partition finds out by itself that Redis is away
            await asyncio.sleep(RENEW_S)
        await client.aclose()


async def wait_for(client: Store, partition: int) -> None:
    """Wait until nobody holds a partition, and hold it; of several that wait, one gets it.

    Raises:
        StoreError: Redis does not answer.
    """
    gone_since: float | None = None
    while True:
        now = time.monotonic()
        if await client.exists(keys.lease(partition)):
            gone_since = None
        elif gone_since is None:
            gone_since = now
        elif now - gone_since >= GONE_S and await client.set(
            keys.lease(partition), b"1", px=round(LEASE_S * 1000), nx=True
        ):
            return
        await asyncio.sleep(LOOK_S)
