"""Write the report of a recording as a PDF: figures, trend, strips to scale (docs/EXPORT.md).

SOURCE is a recording as `ecg-monitor analyze` reads it, or bed:ID. --start and --end are seconds
from its beginning, or h:mm:ss; of a bed ISO times (UTC) or seconds ago. A recording is analysed
with the engine that runs live; of a bed, beats and alarms are those that were found there.

  ecg-monitor report 208 --output 208.pdf
  ecg-monitor report holter.edf --start 22:00:00 --end 30:00:00 --output night.pdf --language fr
  ecg-monitor report bed:bed-3 --start 2026-11-29T07:00:00 --end 2026-11-29T08:00:00 --output h.pdf
"""

from __future__ import annotations

import argparse

from ecg_monitor.core.settings import Settings
from gateway.export.command import add_source

LANGUAGES = ("en", "fr", "ar")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(parser)
    parser.add_argument(
        "--language", choices=LANGUAGES, default="en", help="of the report (default: en)"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Analyse, write, and name the file."""
    from rich.console import Console  # noqa: PLC0415

    from gateway.export.source import Request, read  # noqa: PLC0415
    from gateway.export.writing import check_files, placed, progress_bar  # noqa: PLC0415
    from gateway.report.document import write_report  # noqa: PLC0415
    from gateway.report.summary import summarise  # noqa: PLC0415

    path = args.output
    check_files([path], force=args.force)
    console = Console(stderr=True)
    request = Request(
        args.source, args.start, args.end, "found", args.leads, args.fs, args.data, analyse=True
    )
    with progress_bar(console) as steps:
        reading = read(request, settings, steps(f"analysing {args.source}"))
    summary = summarise(reading.excerpt, reading.events)
    placed(
        [path],
        lambda folder: write_report(
            reading.excerpt,
            summary,
            folder / path.name,
            language=args.language,
            fonts=settings.fonts,
        ),
    )
    for line in reading.excerpt.notes:
        console.print(line, style="dim", highlight=False, markup=False)
    console.print(f"{path}: {path.stat().st_size:,} bytes", highlight=False, markup=False)
    return 0
