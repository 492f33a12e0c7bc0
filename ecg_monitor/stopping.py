"""Ends tasks for certain.

Before Python 3.12 ``asyncio.wait_for`` loses a cancellation that arrives in the very moment in
which its future completes (cpython issue 86296), and libraries under us use it. So cancelling once
is not enough: a process would now and then ignore its SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterable
from typing import Any

AGAIN_S = 1.0
"""Time given to a task to end before it is cancelled again."""


async def cancel_all(tasks: Iterable[asyncio.Future[Any]], again_s: float = AGAIN_S) -> None:
    """Cancel tasks, again and again, until all of them have ended."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again_s)


async def run_until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run until the work ends, or SIGTERM or SIGINT (Ctrl-C) ends it.

    Raises:
        Exception: whatever the work raises.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait([running, stopped], return_when=asyncio.FIRST_COMPLETED)
    await cancel_all([running, stopped])
    if not running.cancelled():
        running.result()
