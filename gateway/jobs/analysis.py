"""Analyses one upload, as `ecg-monitor analyze` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFacts, JobFolder
from ecg_monitor.jobs.uploads import UNPACKED, recording_in, unpack

_MEGABYTE = 1_000_000


def analysed(
    folder: JobFolder, facts: JobFacts, settings: Settings, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Return the analysis of the upload in a folder.

    Args:
        folder: the folder.
        facts: what was said about the upload.
        settings: alarm limits, largest upload.
        progress: told the share that is done.

    Raises:
        RecordError: the upload is no recording.
    """
    from detector.analyzer.command import choose_leads  # noqa: PLC0415 - loads the engine
    from detector.analyzer.offline import analyze  # noqa: PLC0415
    from ecg_monitor.records import is_table, read_record  # noqa: PLC0415
    from ecg_monitor.ward.limits.file import load_limits  # noqa: PLC0415

    unpack(folder.upload, UNPACKED * settings.api_upload_mb * _MEGABYTE)
    path = recording_in(folder.upload)
    fs, leads = facts.options.get("fs"), list(facts.options.get("leads", ()))
    if is_table(path):
        recording = read_record(path, fs=fs, columns=leads)
    else:
        recording = choose_leads(read_record(path, fs=fs), ",".join(leads))
    if not recording.n_samples:
        raise RecordError("the recording holds no samples")
    shown = path.stem if path.stem != "recording" else Path(facts.name).stem
    analysis = analyze(
        replace(recording, name=shown),
        limits=load_limits(settings.config),
        progress=lambda at_s: progress(at_s / recording.duration_s),
    )
    return {**analysis, "notes": [folder.without_place(one) for one in recording.notes]}
