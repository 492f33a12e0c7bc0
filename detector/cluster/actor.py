"""A detector as an actor of Ray: it stands by for all partitions, and moves them when told to.

It takes what nobody works on by itself, as ``ecg-monitor detect --standby`` does, so that neither
Ray nor the supervisor has a part in a takeover. Packets and events go through Redis alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

import psutil

import ecg_monitor
from detector.analyzer.warm import warm
from detector.cluster.register import DISK, NODE, Cluster
from detector.runner.owning.model_versions import model_versions
from detector.runner.owning.ownership import Ownership
from ecg_monitor import logs
from ecg_monitor.core import settings, store
from ecg_monitor.ward.system.process_figures import report

log = logging.getLogger("detector")


class DetectorActor:
    """The detector of one machine, or one of several; Ray starts it anew when it has died.

    Args:
        cluster: what it is to be part of.

    Raises:
        SettingsError: this machine is not as the cluster is.
    """

    def __init__(self, cluster: Cluster) -> None:
        own = settings.load()
        logs.set_up(own.log_level)
        cluster.check(own)
        warm()
        self._client = store.connect(own.require("redis_url"))
        self._ownership = Ownership(self._client, own)
        self._ownership.start(range(own.partitions), standby=True)
        self._process = psutil.Process()
        self._works = [asyncio.ensure_future(self._report()), asyncio.ensure_future(self._watch())]

    async def status(self) -> dict[str, Any]:
        """Return the machine, the process, its memory and free disk in MB, and what it owns."""
        return {
            "node": os.environ[NODE],
            "pid": os.getpid(),
            "version": ecg_monitor.__version__,
            "memory_mb": round(self._process.memory_info().rss / 1e6),
            "disk_mb": round(psutil.disk_usage(os.environ[DISK]).free / 1e6),
            "owned": self._ownership.owned,
        }

    async def release(self, partition: int) -> None:
        """Save a partition's state and let it go."""
        await asyncio.shield(self._ownership.release(partition))  # whoever asked may have gone

    async def take(self, partition: int) -> None:
        """Take a partition over, and return when its state is restored.

        Raises:
            StoreError: Redis does not answer.
        """
        await asyncio.shield(self._ownership.take(partition))

    async def _report(self) -> None:
        """Report as every detector does, for the system page and ``/metrics``."""
        extra = {"models": model_versions()}
        await report(self._client, "detect", lambda: {"partitions": self._ownership.owned, **extra})

    async def _watch(self) -> None:
        """End this process when work on a partition has failed: Ray starts another."""
        await self._ownership.ended()
        for failure in await self._ownership.close():
            log.error("the detector ends", exc_info=failure)
        logging.shutdown()
        os._exit(1)
