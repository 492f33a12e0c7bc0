"""What the commands `users` and `tokens` share: a client of Redis for one action."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.core.store import Store


def carry_out(settings: Settings, act: Callable[[Store], Awaitable[None]]) -> int:
    """Carry out an action of a command; return the exit status.

    Args:
        settings: address of Redis.
        act: does it, with a client that answers.

    Raises:
        ServiceError: Redis cannot be reached.
        SettingsError: its address is missing.
        EcgMonitorError: whatever else ``act`` raises.
    """
    return asyncio.run(_carried_out(settings, act))


async def _carried_out(settings: Settings, act: Callable[[Store], Awaitable[None]]) -> int:
    from ecg_monitor.core import store  # noqa: PLC0415 - `--help` must not load it

    client = store.connect(settings.require("redis_url"))
    try:
        await store.check(client)
        await act(client)
    finally:
        await client.aclose()
    return 0
