"""The one way by which the pages' threads ask Redis.

A WSGI server answers each request in one of a few threads, and Redis is asked by coroutines. One
further thread runs an event loop with one client, whose connections stay open from click to click;
all other threads hand their coroutines to it and wait for the outcome. What takes longer than a
few milliseconds of computing belongs into `asyncio.to_thread`, since all requests share the loop.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from contextvars import Context
from dataclasses import dataclass
from typing import TypeVar

from ecg_monitor.core import store
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreError

GRACE_S = 1.0
"""How much longer than its time limit a thread waits for a coroutine that does not heed it."""

CHECK_S = 0.5
"""How long Redis is given to show that it is not the reason why something takes too long."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Loop:
    """A running event loop with its client of Redis."""

    loop: asyncio.AbstractEventLoop
    client: Store
    stop: asyncio.Event


class StoreThread:
    """A thread with an event loop and one client of Redis, for all threads of a web process.

    It is started by the first question, and by the next one in a process that was forked after it.
    Its end is `close`; one that is dropped without it ends by itself.

    Args:
        url: address of Redis.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._running: _Loop | None = None
        self._closed = False

    def ask(self, act: Callable[[Store], Awaitable[T]], within_s: float) -> T:
        """Run a coroutine with the client of Redis; return what it returns.

        It does not see the context variables of who asks, such as Flask's request.

        Args:
            act: makes the coroutine; a question that is late is cancelled.
            within_s: longest wait, s.

        Raises:
            ServiceError: the address of Redis is malformed.
            StoreError: Redis does not answer, or the process is being stopped.
            TimeoutError: it takes too long, although Redis answers.
            Exception: whatever else ``act`` raises.
        """
        with self._lock:
            if self._closed:
                raise StoreError("the dashboard is being stopped")
            running = self._started()
            # Not the asker's context: a connection would keep it alive for as long as it is open.
            future: Future[T] = Context().run(
                asyncio.run_coroutine_threadsafe,
                _within(act, running.client, within_s),
                running.loop,
            )
        try:
            return future.result(within_s + CHECK_S + GRACE_S)
        except CancelledError as error:
            raise StoreError("the dashboard is being stopped") from error
        finally:
            future.cancel()

    def close(self) -> None:
        """End the thread with its connections; what is being asked fails, and so does all later."""
        with self._lock:
            self._closed = True
            thread, running = self._thread, self._running
            self._thread = self._running = None
        if thread is not None and running is not None and thread.is_alive():
            _stop(running)
            thread.join()

    def _started(self) -> _Loop:
        """Return the running loop, started if there is none (in this process)."""
        if self._thread is None or self._running is None or not self._thread.is_alive():
            client = store.connect(self._url)
            starting: Future[_Loop] = Future()
            # The thread must not hold this object, which could then never be dropped.
            self._thread = threading.Thread(
                target=_serve, args=(client, starting), name="redis", daemon=True
            )
            self._thread.start()
            self._running = starting.result()
            weakref.finalize(self, _stop, self._running).atexit = False
        return self._running


async def _within(act: Callable[[Store], Awaitable[T]], client: Store, within_s: float) -> T:
    """Do it within a time; what is late because Redis does not answer fails with that."""
    try:
        async with asyncio.timeout(within_s):
            return await act(client)
    except TimeoutError:
        await store.check_answers(client, CHECK_S)
        raise


def _serve(client: Store, starting: Future[_Loop]) -> None:
    asyncio.run(_hold(client, starting))


async def _hold(client: Store, starting: Future[_Loop]) -> None:
    """Run the coroutines of other threads until told to stop, then cancel them."""
    stop = asyncio.Event()
    starting.set_result(_Loop(asyncio.get_running_loop(), client, stop))
    await stop.wait()
    await cancel_all(asyncio.all_tasks() - {asyncio.current_task()})
    await client.aclose()


def _stop(running: _Loop) -> None:
    if not running.loop.is_closed():
        running.loop.call_soon_threadsafe(running.stop.set)
