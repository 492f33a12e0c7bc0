"""Alarms per bed and day of hearts that need none, and of bedside alarms in intensive care.

  python -m workbench.burden.command NSTDB CINC2015
  python -m workbench.burden.command NSTDB CINC2015 --patients 12 --hours 2 --every 5

Made-up patients in sinus rhythm, an hour of each a third of which is recorded noise of activity
(`workbench.burden.activity`), and the recordings of a folder with a list ``ALARMS`` (CinC
2015) up to their alarms. For MIT-BIH `ecg-monitor evaluate MITDB --alarms` counts the same;
`workbench.burden.curves` draws both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from detector.analyzer.offline import analyze
from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.output import check_output
from ecg_monitor.records import Recording, read_record
from workbench.alarm_review.load import AlarmLoad, Analysed
from workbench.alarm_review.tables import load_table
from workbench.burden.activity import HOUR, active_patient
from workbench.challenge.folder import read_alarms, read_until_alarm
from workbench.results import figures

Counted = tuple[Analysed, float]
"""Alarms of a recording, and its length, s."""


def counted(recording: Recording) -> Counted:
    """Return the alarms of a recording, all leads, and its length in s."""
    return analyze(recording)["alarms"], recording.duration_s


def of_patient(nstdb: Path, hours: int, seed: int) -> Counted:
    """Return the alarms of a made-up patient, and the length in s.

    Raises:
        RecordError: a recording of noise is missing.
    """
    names = {bout.noise for bout in HOUR if bout.noise is not None}
    return counted(active_patient({one: read_record(nstdb / one) for one in names}, hours, seed))


def of_record(folder: Path, name: str) -> Counted:
    """Return the alarms of a recording up to the alarm that it ends with, and its length in s.

    Raises:
        RecordError: it is missing, damaged or too short.
    """
    return counted(read_until_alarm(folder, name))


def load_of(found: Iterable[Counted]) -> AlarmLoad:
    """Return the alarms per bed and day of recordings."""
    load = AlarmLoad()
    for alarms, seconds in found:
        load.take(alarms, seconds)
    return load


def _each(work: Callable[[Any], Counted], items: list[Any], jobs: int) -> Iterator[Counted]:
    if jobs == 1:
        yield from track(map(work, items), "analysing", total=len(items))
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from track(pool.map(work, items), "analysing", total=len(items))


def main() -> int:
    """Count, print, write the figures; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("nstdb", metavar="NSTDB", type=Path, help="recorded noise")
    parser.add_argument("folder", metavar="CINC2015", type=Path, help="recordings and ALARMS")
    parser.add_argument("--patients", type=int, default=6, help="made-up patients (default 6)")
    parser.add_argument("--hours", type=int, default=1, help="of each (default 1)")
    parser.add_argument(
        "--every", metavar="N", type=int, default=1, help="every Nth recording (default 1: all)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes at once (default 1)")
    figures.add_argument(parser)
    args = parser.parse_args()
    try:
        check_output("--figures", args.figures)
        listed = read_alarms(args.folder)[0][:: args.every]
        patient = partial(of_patient, args.nstdb, args.hours)
        loads = {
            "sinus": load_of(_each(patient, list(range(args.patients)), args.jobs)).as_map(),
            "intensive": load_of(
                _each(partial(of_record, args.folder), [one.record for one in listed], args.jobs)
            ).as_map(),
        }
    except EcgMonitorError as error:
        print(error, file=sys.stderr)
        return 1
    for load in loads.values():
        Console(width=120).print(load_table(load))
    if args.figures:
        counts = {"patients": args.patients, "hours_each": args.hours, "recordings": len(listed)}
        values = {**counts, **loads}
        figures.write(args.figures, values, [args.nstdb, args.folder])
    return 0


if __name__ == "__main__":
    sys.exit(main())
