"""Analyses one upload, as `ecg-monitor analyze` does; runs in a worker's process for one job."""

from __future__ import annotations

import logging
import os
import resource
import signal
import time
from dataclasses import replace
from pathlib import Path

from rq import get_current_job
from rq.timeouts import JobTimeoutException

from ecg_monitor.core.errors import EcgMonitorError, RecordError
from ecg_monitor.core.settings import Settings, load
from ecg_monitor.launch.processes import die_with
from ecg_monitor.records import Recording
from gateway.jobs.folders import JobFolder
from gateway.jobs.uploads import UNPACKED, recording_in, unpack

log = logging.getLogger("jobs")

TELL_EVERY_S = 0.25
_MEGABYTE = 1_000_000


def run(path: str) -> None:
    """Analyse the upload in a job's folder; what comes of it is written there.

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
        with _within(settings.api_work_s):
            folder.finish(_analysis(folder, settings, facts.fs, facts.leads, facts.name))
    except (TimeoutError, JobTimeoutException):
        folder.fail(f"the analysis takes more than {settings.api_work_s:g} s")
    except MemoryError:
        folder.fail(f"the analysis takes more than {settings.api_work_mb} MB of memory")
    except EcgMonitorError as error:
        folder.fail(_without_folder(str(error), folder))
    except Exception:
        log.exception("job %s has failed", folder.path.name)
        folder.fail("the analysis has failed; the log of the worker says why")


def _analysis(
    folder: JobFolder, settings: Settings, fs: float | None, leads: tuple[str, ...], name: str
) -> dict[str, object]:
    from detector.analyzer.command import choose_leads  # noqa: PLC0415 - loads the engine
    from detector.analyzer.offline import analyze  # noqa: PLC0415
    from ecg_monitor.records import is_table, read_record  # noqa: PLC0415
    from ecg_monitor.ward.limits.file import load_limits  # noqa: PLC0415

    unpack(folder.upload, UNPACKED * settings.api_upload_mb * _MEGABYTE)
    path = recording_in(folder.upload)
    if is_table(path):
        recording = read_record(path, fs=fs, columns=leads)
    else:
        recording = choose_leads(read_record(path, fs=fs), ",".join(leads))
    if not recording.n_samples:
        raise RecordError("the recording holds no samples")
    shown = path.stem if path.stem != "recording" else Path(name).stem
    progress = _Progress(recording)
    analysis = analyze(
        replace(recording, name=shown),
        limits=load_limits(settings.config),
        progress=progress.tell,
    )
    notes = [_without_folder(one, folder) for one in recording.notes]
    return {**analysis, "notes": notes}


class _Progress:
    """Tells the queue how far the analysis is."""

    def __init__(self, recording: Recording) -> None:
        self._duration_s = recording.duration_s
        self._told_at = 0.0
        self._job = get_current_job()

    def tell(self, at_s: float) -> None:
        """Take note that so many seconds of signal have been analysed."""
        now = time.monotonic()
        if self._job is not None and now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self._job.meta["progress"] = round(at_s / self._duration_s, 4)
            self._job.save_meta()


class _within:  # noqa: N801 - used as a statement
    """Raises `TimeoutError` in this thread when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGPROF, self._over)
        signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _over(self, *_: object) -> None:
        raise TimeoutError


def _confine(settings: Settings) -> None:
    """Bound what this process may take, and end it with the worker that it belongs to."""
    if get_current_job() is None:
        return
    ask = die_with(os.getppid(), signal.SIGKILL)
    if ask is not None:
        ask()
    most = settings.api_work_mb * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


def _without_folder(text: str, folder: JobFolder) -> str:
    """Return a message without where things lie on this machine."""
    for place in (folder.upload, folder.path):
        text = text.replace(f"{place}/", "").replace(str(place), "upload")
    return text
