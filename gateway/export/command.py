"""Write an interval of a recording as a file of another format (docs/EXPORT.md).

SOURCE is a recording as `ecg-monitor analyze` reads it, or bed:ID, what `ecg-monitor record` has
kept of a bed. --start and --end are seconds from the beginning of a recording, or h:mm:ss; of a
bed ISO times (UTC) or seconds ago. The samples are written as they are; beats and alarms are
those that the engine finds, or found at the bed, unless --marks says otherwise. What reviewers
said of a bed's record (docs/RECORDING.md) holds; WFDB has the machine's beats as annotator atr,
and those that hold after review as rev.

  ecg-monitor export 100 --output out/first-minute.edf --end 60
  ecg-monitor export holter.edf --start 1:30:00 --end 2:00:00 --output half-hour.hea
  ecg-monitor export bed:bed-3 --start 600 --output last-ten-minutes.pdf
  ecg-monitor export 208 --marks reference --format csv --output 208.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ecg_monitor.core.settings import Settings

FORMATS = ("wfdb", "edf", "csv", "dicom", "fhir", "pdf", "svg", "png")
MARKS = ("found", "reference", "none")


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that say what is read."""
    parser.add_argument("source", metavar="SOURCE", help="recording, or bed:ID")
    parser.add_argument("--start", metavar="S", help="where to begin (default: all)")
    parser.add_argument("--end", metavar="S", help="where to end, likewise")
    parser.add_argument("--data", metavar="DIR", default="", help="folder to look for SOURCE in")
    parser.add_argument(
        "--leads", metavar="LIST", help="use only these leads, as in II,V1 (default: all)"
    )
    parser.add_argument("--fs", type=float, help="sampling rate of a CSV without a time column, Hz")
    parser.add_argument("--output", metavar="PATH", type=Path, required=True, help="file to write")
    parser.add_argument(
        "--force", action="store_true", help="write over files that are there already"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_source(parser)
    parser.add_argument(
        "--format", metavar="NAME", help=f"{', '.join(FORMATS)} (default: as PATH ends)"
    )
    parser.add_argument(
        "--marks",
        choices=MARKS,
        default="found",
        help="beats and alarms: found by the engine (default), the file's own reference, or none",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Read, write, and name the files."""
    from rich.console import Console  # noqa: PLC0415

    from ecg_monitor.core.output import check_output  # noqa: PLC0415
    from gateway.export.formats import format_for  # noqa: PLC0415
    from gateway.export.source import Request, read  # noqa: PLC0415
    from gateway.export.writing import check_files, progress_bar, written  # noqa: PLC0415

    form = format_for(args.format, args.output)
    check_output("--output", args.output)
    files = (*form.files(args.output), *form.optional_files(args.output))
    check_files(files, force=args.force)
    console = Console(stderr=True)
    request = Request(args.source, args.start, args.end, args.marks, args.leads, args.fs, args.data)
    with progress_bar(console) as steps:
        reading = read(request, settings, steps(f"analysing {args.source}"))
        excerpt = reading.excerpt
        written_files = written(form, excerpt, args.output, steps(f"writing {args.output.name}"))
    for line in excerpt.notes:
        console.print(line, style="dim", highlight=False, markup=False)
    for file in written_files:
        console.print(f"{file}: {file.stat().st_size:,} bytes", highlight=False, markup=False)
    return 0
