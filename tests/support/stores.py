"""Redis servers for tests in which partitions tick again and again."""

from __future__ import annotations

from pathlib import Path

import redis

from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.services.start import Service, start_redis

LOOKS_HZ = 100
"""How often the server looks whose wait is over: with its own 10, a wait of 1 ms takes 100 ms."""


def start_store(folder: Path) -> Service:
    """Start a server whose short waits are short.

    Args:
        folder: where it keeps its state.
    """
    service = start_redis(Settings(state=str(folder)))
    with redis.Redis.from_url(service.url) as client:
        client.config_set("hz", LOOKS_HZ)
    return service
