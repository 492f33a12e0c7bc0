"""Waiting for a condition, generously: a machine may be busy."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")

PATIENCE_S = 60.0
"""Longest wait for what should be there at once, on a machine that has time (`allowed_s`)."""

POLL_S = 0.02
"""Time between two looks."""


WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
"""How many tests run at once: they keep the processors busy before the load average tells so."""


def allowed_s(seconds: float) -> float:
    """Return a time limit, s: longer where many others compete for the processors.

    Args:
        seconds: the limit on a machine that has time.
    """
    return seconds * max(1.0, max(os.getloadavg()[0], WORKERS) / (os.cpu_count() or 1))


def wait_until(
    look: Callable[[], Value], within_s: float = PATIENCE_S, *, why: Callable[[], str] | None = None
) -> Value:
    """Return what ``look`` returns once it is true.

    Raises:
        AssertionError: It stayed false for ``within_s`` seconds; the message is what ``why`` says.
    """
    deadline = time.monotonic() + allowed_s(within_s)
    while not (value := look()):
        if time.monotonic() > deadline:
            raise AssertionError(why() if why else f"stayed false for {within_s:g} s")
        time.sleep(POLL_S)
    return value


async def eventually(
    look: Callable[[], Awaitable[Value]], within_s: float = PATIENCE_S, *, poll_s: float = POLL_S
) -> Value:
    """Return what ``look`` gives when awaited, once it is true.

    Raises:
        AssertionError: It stayed false for ``within_s`` seconds.
    """
    deadline = time.monotonic() + allowed_s(within_s)
    while not (value := await look()):
        assert time.monotonic() < deadline, f"stayed false for {within_s:g} s"
        await asyncio.sleep(poll_s)
    return value


async def until(condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Let the event loop run until ``condition`` is true.

    Raises:
        AssertionError: It stayed false for ``within_s`` seconds.
    """
    deadline = time.monotonic() + allowed_s(within_s)
    while not condition():
        assert time.monotonic() < deadline, f"stayed false for {within_s:g} s"
        await asyncio.sleep(POLL_S / 2)
