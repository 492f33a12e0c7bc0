"""Does one job, in a worker's process for it alone: bounded, and with an outcome in any case."""

from __future__ import annotations

import logging
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rq import get_current_job
from rq.timeouts import JobTimeoutException

from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.settings import Settings, load
from ecg_monitor.jobs.folders import JobFacts, JobFolder
from ecg_monitor.launch.processes import die_with
from gateway.jobs.analysis import analysed
from gateway.jobs.exporting import exported
from gateway.jobs.studying import studied

log = logging.getLogger("jobs")

TELL_EVERY_S = 0.25
AGAIN_S = 1.0
"""Processor time after which a job that goes on is told again that it has had its time, s."""
TOO_LONG = "the analysis takes more than {seconds} s of processor time"
TOO_LARGE = "the analysis takes more than {megabytes} MB of memory"
NO_DISK = "the disk of the worker does not take it: {why}"
FAILED = "the analysis has failed; the log of the worker says why"
_MEGABYTE = 1_000_000
_TASKS: dict[str, Callable[[JobFolder, JobFacts, Settings, Any], dict[str, Any]]] = {
    "analysis": analysed,
    "export": exported,
    "study": studied,
}


def run(path: str) -> None:
    """Do the job of a folder; what comes of it is written there.

    Args:
        path: the folder.
    """
    settings = load()
    _confine(settings)
    folder = JobFolder(Path(path))
    facts = folder.facts()
    if facts is None:  # it was removed while it waited
        return
    try:
        with _Within(settings.api_work_s):
            folder.finish(_TASKS[facts.task](folder, facts, settings, _Progress().tell))
    except (_OutOfTime, JobTimeoutException):
        folder.fail(EcgMonitorError(TOO_LONG, seconds=f"{settings.api_work_s:g}"))
    except MemoryError:
        folder.fail(EcgMonitorError(TOO_LARGE, megabytes=settings.api_work_mb))
    except EcgMonitorError as error:
        folder.fail(error)
    except OSError as error:
        log.exception("job %s has failed", folder.path.name)
        folder.fail(EcgMonitorError(NO_DISK, why=error.strerror or str(error)))
    except Exception:
        log.exception("job %s has failed", folder.path.name)
        folder.fail(EcgMonitorError(FAILED))


class _Progress:
    """Tells the queue how far the job is."""

    def __init__(self) -> None:
        self._told_at = 0.0
        self._job = get_current_job()

    def tell(self, share: float) -> None:
        """Take note that a share of the work is done, 0 .. 1."""
        now = time.monotonic()
        if self._job is not None and now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self._job.meta["progress"] = round(share, 4)
            self._job.save_meta()


class _OutOfTime(BaseException):
    """So much processor time has been used.

    No handler of errors may take it for one of its own: a `TimeoutError` is an `OSError`, which
    readers of files catch.
    """


class _Within:
    """Raises `_OutOfTime` in this thread when so much processor time has been used.

    It does so again and again: what is raised within a finaliser or a callback of compiled code
    goes no further.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGPROF, self._over)
        signal.setitimer(signal.ITIMER_PROF, self._seconds, AGAIN_S)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _over(self, *_: object) -> None:
        raise _OutOfTime


def bound(settings: Settings) -> None:
    """Bound the memory that this process may take, and let others go first."""
    most = settings.api_work_mb * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


def _confine(settings: Settings) -> None:
    """Bound what a worker's process may take, and end it with the worker that it belongs to."""
    if get_current_job() is None:
        return
    ask = die_with(os.getppid(), signal.SIGKILL)
    if ask is not None:
        ask()
    bound(settings)
