"""Put an old recording into the archive, as if it had been recorded at a bed.

FILE is any recording that `ecg-monitor analyze` reads (docs/FILES.md). It is analysed by the engine
that runs live; beats, rhythms and alarms are kept with it and shown on the bed's review page. With
--reference its own annotations are kept in their place.

Without --start the recording ends now. It stays as long as what is recorded now (ECG_ARCHIVE_DAYS).

Examples:
  ecg-monitor import holter.edf --bed bed-07 --start 2026-11-02T08:30:00Z
  ecg-monitor import mitdb/208 --bed demo --reference
  ecg-monitor record --list                  what is kept of each bed
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.records import Recording
    from ecg_monitor.ward.alerts.model import Alert


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor import``."""
    parser.add_argument("file", metavar="FILE", help="path or name of the recording")
    parser.add_argument("--bed", metavar="ID", required=True, help="bed that it is of")
    parser.add_argument(
        "--start",
        metavar="TIME",
        help="when it began, as 2026-11-02T08:30:00Z (default: it ends now)",
    )
    parser.add_argument("--patient", metavar="ID", default="", help="the patient's number")
    parser.add_argument(
        "--reference", action="store_true", help="keep its own annotations; do not analyse it"
    )
    parser.add_argument("--data", metavar="DIR", default="", help="folder to look for FILE in")
    parser.add_argument("--fs", type=float, help="sampling rate of a CSV without a time column, Hz")
    parser.add_argument("--leads", metavar="LIST", help="only these leads, as in II,V1")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Read, analyse, write."""
    from rich.console import Console  # noqa: PLC0415 - `--help` must not load it

    from detector.analyzer.command import choose_leads  # noqa: PLC0415
    from ecg_monitor.archive.history import add_recording  # noqa: PLC0415
    from ecg_monitor.records import find_record, is_table, read_record  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    path, reason = find_record(args.file, settings, data=args.data)
    if args.leads and is_table(path):
        recording = read_record(path, fs=args.fs, columns=args.leads.split(","))
    else:
        recording = choose_leads(read_record(path, fs=args.fs), args.leads)
    now = time.time()
    start = now - recording.duration_s if args.start is None else start_of(args.start)
    if start + recording.duration_s > now:
        raise SettingsError(f"--start {args.start}: the recording would end in the future")
    for line in (reason, *recording.notes):
        console.print(line, style="dim")
    alarms: list[Alert] = []
    if not args.reference:
        recording, alarms = _analysed(recording, args.bed, start, settings, console)
    size = add_recording(
        *(settings.archive_dir, args.bed, recording, start), alarms=alarms, patient=args.patient
    )
    console.print(
        f"{args.bed}: {recording.duration_s / 3600:.2f} h, {len(recording.leads)} leads, "
        f"{len(recording.beats)} beats, {len(alarms)} alarms, {size / 1e6:.1f} MB in "
        f"{settings.archive_dir}; {time.time() - now:.0f} s"
    )
    return 0


def start_of(text: str) -> float:
    """Read a time of day with its date; without an offset it is UTC. Returns Unix time, s.

    Raises:
        SettingsError: it is no such time.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--start must look like 2026-11-02T08:30:00Z, got {text!r}") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _analysed(
    recording: Recording, bed: str, start: float, settings: Settings, console: object
) -> tuple[Recording, list[Alert]]:
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from detector.analyzer.warm import warm  # noqa: PLC0415
    from detector.importing.analysis import analysed  # noqa: PLC0415
    from ecg_monitor.ward.limits.file import load_limits  # noqa: PLC0415

    warm()
    shown = bool(getattr(console, "is_terminal", False))
    with Progress(console=console, transient=True, disable=not shown) as bar:  # type: ignore[arg-type]
        task = bar.add_task(f"analysing {escape(recording.name)}", total=recording.duration_s)
        return analysed(
            *(recording, bed, start, load_limits(settings.config)),
            progress=lambda at: bar.update(task, completed=at),
        )
