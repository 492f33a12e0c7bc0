"""Reads the recording that was sent with a job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFacts, JobFolder
from ecg_monitor.jobs.uploads import UNPACKED, recording_in, unpack
from ecg_monitor.records import Recording

_MEGABYTE = 1_000_000


def file_of(folder: JobFolder, settings: Settings) -> Path:
    """Return the one recording of an upload, unpacked.

    Raises:
        RecordError: there is none, or more than one.
    """
    unpack(folder.upload, UNPACKED * settings.api_upload_mb * _MEGABYTE)
    return recording_in(folder.upload)


def recording_of(path: Path, facts: JobFacts) -> Recording:
    """Read a file as it was asked for; it is called as whoever sent it called it.

    Args:
        path: the file.
        facts: ``fs``, ``leads`` and ``unit`` of its options, and the name of what was sent.

    Raises:
        RecordError: it is no recording.
    """
    from detector.analyzer.command import choose_leads  # noqa: PLC0415 - loads the engine
    from ecg_monitor.records import is_table, read_record  # noqa: PLC0415

    fs, leads = facts.options.get("fs"), list(facts.options.get("leads", ()))
    unit = facts.options.get("unit", "")
    if is_table(path):
        recording = read_record(path, fs=fs, columns=leads, unit=unit)
    else:
        recording = choose_leads(read_record(path, fs=fs), ",".join(leads))
    if not recording.n_samples:
        raise RecordError("the recording holds no samples")
    shown = path.stem if path.stem != "recording" else Path(facts.name).stem
    return replace(recording, name=shown)
