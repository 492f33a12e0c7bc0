"""Writes what a bed has recorded into files, as `ecg-monitor export` and `report` do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFacts, JobFolder

REPORT = "report"
"""Stands beside the formats of `gateway.export.formats`: a PDF with figures and strips."""


def exported(
    folder: JobFolder, facts: JobFacts, settings: Settings, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Write the files of an export into a job's folder; return their names, sizes and the notes.

    Args:
        folder: the folder.
        facts: which device, from when to when, in which format.
        settings: where recordings are.
        progress: told the share that is done.

    Raises:
        ArchiveError: nothing is kept of that time.
        ExportError: the interval is not one patient's, or too long for the format.
    """
    from gateway.export.formats import FORMATS  # noqa: PLC0415 - loads what writes
    from gateway.export.source import Request, read  # noqa: PLC0415
    from gateway.export.writing import placed, written  # noqa: PLC0415

    options = facts.options
    is_report = options["format"] == REPORT
    request = Request(
        f"bed:{options['device']}",
        _iso(options.get("start")),
        _iso(options.get("end")),
        analyse=is_report,
    )
    reading = read(request, settings, lambda share: progress(0.8 * share))
    folder.files.mkdir(0o700, exist_ok=True)
    if is_report:
        from gateway.report.document import write_report  # noqa: PLC0415
        from gateway.report.summary import summarise  # noqa: PLC0415

        summary = summarise(reading.excerpt, reading.events)
        path = folder.files / f"{options['device']}.pdf"
        files = placed(
            [path],
            lambda place: write_report(
                reading.excerpt,
                summary,
                place / path.name,
                language=options.get("language", "en"),
                fonts=settings.fonts,
            ),
        )
    else:
        form = FORMATS[options["format"]]
        path = folder.files / f"{options['device']}{form.endings[0]}"
        files = written(form, reading.excerpt, path, lambda share: progress(0.8 + 0.2 * share))
    return {
        "device": options["device"],
        "start": reading.excerpt.start,
        "duration_s": reading.excerpt.duration_s,
        "files": [{"name": file.name, "size": file.stat().st_size} for file in files],
        "notes": [folder.without_place(note) for note in reading.excerpt.notes],
    }


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
