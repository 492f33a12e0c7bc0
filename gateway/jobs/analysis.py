"""Analyses one upload, as `ecg-monitor analyze` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFacts, JobFolder
from gateway.jobs.reading import file_of, recording_of


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
    from detector.analyzer.offline import analyze  # noqa: PLC0415 - loads the engine
    from ecg_monitor.ward.limits.file import load_limits  # noqa: PLC0415

    recording = recording_of(file_of(folder, settings), facts)
    analysis = analyze(
        recording,
        limits=load_limits(settings.config),
        progress=lambda at_s: progress(at_s / recording.duration_s),
    )
    return {**analysis, "notes": [folder.without_place(one) for one in recording.notes]}
