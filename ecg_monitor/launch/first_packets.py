"""Counts the devices whose packets have reached Redis since a moment in time."""

from __future__ import annotations

from typing import Any

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings

_PAGE = 1000


class LiveBeds:
    """Follows the wave streams from a moment on and collects the devices seen in them.

    Attributes:
        compiling: whether analysis was still being compiled when they were last counted.
    """

    def __init__(self, settings: Settings, since_ms: int) -> None:
        self._url = settings.redis_url
        self._after = dict.fromkeys(range(settings.partitions), f"{since_ms}-0")
        self._devices: set[bytes] = set()
        self.compiling = False

    async def count(self) -> int:
        """Return the number of devices seen so far.

        Raises:
            redis.exceptions.RedisError: Redis does not answer.
        """
        client = store.connect(self._url)
        try:
            for partition, after in self._after.items():
                entries: Any = await client.xrange(
                    keys.wave(partition), min=f"({after}", count=_PAGE
                )
                for entry, fields in entries:
                    self._devices.add(fields[b"d"])
                    self._after[partition] = entry.decode()
            self.compiling = bool(await client.exists(keys.STARTING))
        finally:
            await client.aclose()
        return len(self._devices)
