"""Makes the study of an upload or of an example: the page, its signal, and files to take away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.beat_tables import is_table_of_beats
from ecg_monitor.jobs.folders import JobFacts, JobFolder
from gateway.jobs.reading import file_of, recording_of

Progress = Callable[[float], None]

_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def studied(
    folder: JobFolder, facts: JobFacts, settings: Settings, progress: Progress
) -> dict[str, Any]:
    """Write what the page shows of an upload into its folder; return the analysis.

    Args:
        folder: the folder.
        facts: what was said about the upload, or which example is asked for.
        settings: alarm limits, largest upload, fonts.
        progress: told the share that is done.

    Raises:
        RecordError: the upload is no recording.
        ExportError: a file cannot be written.
    """
    from gateway.study import examples, tables  # noqa: PLC0415 - loads the engine

    language = facts.options.get("language", "en")
    if example := facts.options.get("example"):
        return studied_recording(folder, language, settings, examples.made(example), progress)
    path = file_of(folder, settings)
    if is_table_of_beats(path):
        scored = tables.scored(path, facts.name, progress)
        folder.write("page.json", scored.page)
        return scored.rows
    recording = recording_of(path, facts)
    notes = tuple(folder.without_place(note) for note in recording.notes)
    recording = replace(recording, notes=notes)
    return studied_recording(folder, language, settings, recording, progress)


def studied_recording(
    folder: JobFolder, language: str, settings: Settings, recording: Any, progress: Progress
) -> dict[str, Any]:
    """Write what the page shows of a recording into a folder; return the analysis.

    Args:
        folder: the folder.
        language: of the report, ``en``, ``fr`` or ``ar``.
        settings: alarm limits, fonts.
        recording: what is analysed, a `Recording`.
        progress: told the share that is done.

    Raises:
        RecordError: the recording cannot be sent by a device.
        ExportError: a file cannot be written.
    """
    from ecg_monitor.jobs import trace  # noqa: PLC0415 - loads numpy
    from ecg_monitor.ward.limits.file import load_limits  # noqa: PLC0415
    from gateway.export.formats import FORMATS  # noqa: PLC0415
    from gateway.export.writing import placed, written  # noqa: PLC0415
    from gateway.report.document import write_report  # noqa: PLC0415
    from gateway.study.recording import study  # noqa: PLC0415

    found = study(recording, load_limits(settings.config), progress)
    trace.keep(folder.path, recording, found.analysis["beats"])
    folder.files.mkdir(0o700, exist_ok=True)
    name = _NO_NAME.sub("-", recording.name).strip("-")[:60] or "recording"
    files = [*written(FORMATS["wfdb"], found.excerpt, folder.files / name, lambda _: None)]
    progress(0.97)
    report = folder.files / f"{name}.pdf"
    files += placed(
        [report],
        lambda place: write_report(
            found.excerpt,
            found.summary,
            place / report.name,
            language=language,
            fonts=settings.fonts,
        ),
    )
    notes = list(recording.notes)
    listed = [{"name": file.name, "size": file.stat().st_size} for file in files]
    folder.write("page.json", {**found.page, "notes": notes, "files": listed})
    return {**found.analysis, "notes": notes}
