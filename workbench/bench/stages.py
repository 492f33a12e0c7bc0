"""Attributes the CPU time of a process to stages: each call's own, not that of what it calls.

The clock is that of the thread (`time.thread_time`), so what else the machine does does not count.
"""

from __future__ import annotations

import functools
import inspect
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

YARDSTICK = 2000
"""Rounds of the loop of `yardstick_us`."""


class Stages:
    """CPU time by stage.

    Attributes:
        own_s: CPU time by stage, s, without that of stages inside it.
        calls: how often each stage was entered.
    """

    def __init__(self) -> None:
        self.own_s: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._inside: list[str] = []
        self._since = time.thread_time()

    def clear(self) -> None:
        """Begin to count anew."""
        self.own_s.clear()
        self.calls.clear()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the CPU time of a block as that of a stage."""
        self.enter(name)
        try:
            yield
        finally:
            self.leave()

    def enter(self, name: str) -> None:
        """Count from here on for a stage, until `leave`."""
        self._settle()
        self._inside.append(name)
        self.calls[name] += 1

    def leave(self) -> None:
        """Count for the stage outside again."""
        self._settle()
        self._inside.pop()

    def _settle(self) -> None:
        now = time.thread_time()
        if self._inside:
            self.own_s[self._inside[-1]] += now - self._since
        self._since = now

    def wrapped(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return a function that counts for a stage; of a generator all is drawn at once.

        One task at a time may be inside stages: time that passes while a coroutine waits is the
        event loop's work for it.
        """
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wait(*args: Any, **kwargs: Any) -> Any:
                with self.stage(name):
                    return await function(*args, **kwargs)

            return wait
        drawn = inspect.isgeneratorfunction(function)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            self.enter(name)
            try:
                found = function(*args, **kwargs)
                return list(found) if drawn else found
            finally:
                self.leave()

        return call


@contextmanager
def watching(stages: Stages, places: list[tuple[Any, str, str]]) -> Iterator[None]:
    """Count calls of functions for stages, while the block lasts.

    Args:
        stages: takes the CPU time.
        places: class or module that holds a function, the function's name there, its stage.
    """
    former = [(owner, name, owner.__dict__[name]) for owner, name, _ in places]
    try:
        for owner, name, stage in places:
            setattr(owner, name, stages.wrapped(owner.__dict__[name], stage))
        yield
    finally:
        for owner, name, function in reversed(former):
            setattr(owner, name, function)


def yardstick_us() -> float:
    """Return the CPU time of a fixed piece of Python work, us: how fast this machine is just now.

    Processes beside it slow the work by the caches and the core that they share, also in CPU time;
    a cost is best compared with another in units of this.
    """
    started = time.thread_time()
    found: dict[int, list[float]] = {}
    for i in range(YARDSTICK):
        found[i & 63] = [i * 0.5, *found.get(i & 31, ())[:3]]
    return 1e6 * (time.thread_time() - started)
