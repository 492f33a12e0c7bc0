"""Writes what a bed has recorded into files, as `ecg-monitor export` and `report` do."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.exports import stem_of
from ecg_monitor.jobs.folders import FREE_BYTES, JobFacts, JobFolder

REPORT = "report"
"""Stands beside the formats of `gateway.export.formats`: a PDF with figures and strips."""
_PACKING = 1
"""Level of deflate: samples shrink little more by a higher one, which takes thrice as long."""


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
        EcgMonitorError: there is too little space on the disk.
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
    reading = read(request, settings, lambda share: progress(0.9 * share))
    folder.files.mkdir(0o700, exist_ok=True)
    stem = stem_of(options["device"], reading.excerpt.start if options.get("packed") else None)
    if is_report:
        from gateway.report.document import write_report  # noqa: PLC0415
        from gateway.report.summary import summarise  # noqa: PLC0415

        summary = summarise(reading.excerpt, reading.events)
        path = folder.files / f"{stem}.pdf"
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
        path = folder.files / f"{stem}{form.endings[0]}"

        def told(share: float) -> None:
            _check_space(folder.files)
            progress(0.95 * share)

        files = written(form, reading.excerpt, path, told)
        if options.get("packed") and len(files) > 1:
            files = _packed(files, folder.files / f"{stem}.zip")
    return {
        "device": options["device"],
        "start": reading.excerpt.start,
        "duration_s": reading.excerpt.duration_s,
        "files": [{"name": file.name, "size": file.stat().st_size} for file in files],
        "notes": [folder.without_place(note) for note in reading.excerpt.notes],
    }


def _packed(files: Sequence[Path], path: Path) -> tuple[Path, ...]:
    """Put files into one zip in their place; what fails leaves none of them on a full disk."""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKING) as archive:
            for file in files:
                archive.write(file, file.name)
                file.unlink()
                _check_space(path.parent)
    except BaseException:
        for file in (*files, path):
            file.unlink(missing_ok=True)
        raise
    return (path,)


def _check_space(place: Path) -> None:
    """Make sure that what is written does not take the space that others need to go on."""
    if shutil.disk_usage(place).free < FREE_BYTES:
        raise EcgMonitorError("there is no space for exports now; try again later")


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
