"""Gets a process ready for signal, and tells the pages how far it is.

Compiling the engine takes a minute or two after an update. Traces are live all the while, so the
pages must know why there are no numbers: `keys.STARTING` holds the share that is done, and expires
soon after the process that wrote it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.core import keys
from ecg_monitor.core.store import Store, StoreError

log = logging.getLogger("detector")

TELL_S = 0.5
EXPIRE_S = 4
MOST_MB = 500.0
"""Memory of a process that has loaded what was compiled stays below this, MB: 0.3 GB. The compiler
leaves 0.8 GB behind, which nothing but another program gives back."""
BEGUN_AGAIN = "_ECG_BEGUN_AGAIN"
"""Set in the environment of a process that has begun again: it does so once."""
QUICK_S = 3.0
"""Loading what has been compiled takes less: nobody need hear of it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the work is.

    Attributes:
        done_s: what is done, in s of a machine that was measured once.
        step_s: what the present step takes there, s.
        began: when it began, s of the monotonic clock.
    """

    done_s: float
    step_s: float
    began: float

    def share(self, total_s: float, now: float) -> float:
        """Return how much is done of ``total_s``, 0 .. 1, at ``now`` s of the monotonic clock.

        Nobody knows how far a step is: it is taken to go on ever more slowly, and not to end.
        """
        within = -math.expm1(-max(0.0, now - self.began) / self.step_s)
        return (self.done_s + within * self.step_s) / total_s


async def compile_engine(client: Store) -> None:
    """Compile what runs live, in a thread, and tell of it; that Redis is away is no reason to stop.

    Raises:
        OSError: the folder of compiled code cannot be written (see ``ECG_CACHE``).
    """
    from detector.analyzer.warm import TOTAL_S, warm  # noqa: PLC0415 - loads numba

    stages: list[Stage] = []

    def note(done_s: float, step_s: float) -> None:
        stages.append(Stage(done_s, step_s, time.monotonic()))

    announced = False
    compiling = asyncio.create_task(asyncio.to_thread(warm, note))
    while not (await asyncio.wait([compiling], timeout=TELL_S))[0]:
        now = time.monotonic()
        if stages and now - stages[0].began >= QUICK_S:  # else another compiles, and tells
            if not announced:
                log.info("compiling the engine, once after an update: a minute or two")
                announced = True
            await _tell(client, stages[-1].share(TOTAL_S, now))
    await compiling
    if announced:
        log.info("compiled the engine")


def begin_again_if_heavy(most_mb: float = MOST_MB) -> None:
    """Begin this program again, in this process, if compiling has left much memory behind.

    To be called before anything is in hand: nothing that comes after it is carried out then.

    Args:
        most_mb: memory that is left alone, MB.
    """
    if BEGUN_AGAIN in os.environ or _resident_mb() <= most_mb:
        return
    log.info("begins again, without the compiler's memory")
    os.environ[BEGUN_AGAIN] = "1"
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (our own words)


def _resident_mb() -> float:
    """Return the memory of this process, MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _tell(client: Store, share: float) -> None:
    try:
        await client.set(keys.STARTING, f"{share:.2f}", ex=EXPIRE_S)
    except StoreError as error:
        log.debug("start not told: %s", error)
