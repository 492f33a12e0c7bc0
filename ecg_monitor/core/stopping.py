"""Cancels tasks until they have ended, and ends a process at SIGTERM.

Before Python 3.12 ``asyncio.wait_for`` loses a cancellation that arrives in the very moment in
which its future completes (cpython issue 86296), and libraries under us use it. So cancelling once
is not enough: a process would now and then ignore its SIGTERM. `asyncio.TaskGroup` cancels its
tasks only once, and forgets that it was cancelled itself when one of them fails meanwhile:
processes use `run_together` in its place.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterable
from typing import Any

AGAIN_S = 1.0
"""Time given to a task to end before it is cancelled again."""


async def cancel_all(tasks: Iterable[asyncio.Future[Any]], again_s: float | None = None) -> None:
    """Cancel tasks, again and again, until all of them have ended.

    Args:
        tasks: the tasks.
        again_s: time given to them before each repetition, s; None: `AGAIN_S`.

    Raises:
        asyncio.CancelledError: this task was cancelled meanwhile; the others have ended first.
    """
    pending = {task for task in tasks if not task.done()}
    cancelled: asyncio.CancelledError | None = None
    while pending:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=AGAIN_S if again_s is None else again_s)
        except asyncio.CancelledError as error:
            cancelled = error
        pending = {task for task in pending if not task.done()}
    if cancelled is not None:
        raise cancelled


async def run_together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all works until one of them fails, or this task is cancelled; then end the others.

    Raises:
        Exception: the first failure of a work. None hides that this task was cancelled.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        try:
            await cancel_all(tasks)
        finally:  # read in any case: asyncio logs failures that nobody has read
            failures = [task.exception() for task in tasks if not task.cancelled()]
    for failure in failures:
        if failure is not None:
            raise failure


async def run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine until it ends, or SIGTERM or SIGINT (Ctrl-C) ends it.

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
