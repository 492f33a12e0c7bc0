"""Alarms that the heart does not pump, on short strips that experts called ordinary: all are false.

  python -m workbench.alarm_review.ordinary cinc2017
  python -m workbench.alarm_review.ordinary cinc2017 --label O --kind vf --output strips.json

FOLDER holds recordings and REFERENCE.csv, a line "NAME,LABEL" for each, as the database of the
PhysioNet/CinC Challenge 2017 has it (N normal rhythm, A atrial fibrillation, O other rhythm, ~ too
noisy). Strips of the label are analysed by the path that runs live. What is printed: how many of
them were told an alarm of each kind asked for, and which.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson
from rich.progress import track

from detector.analyzer.offline import timed_events
from ecg_monitor.core.types import Alarm
from ecg_monitor.records import read_record

REFERENCE = "REFERENCE.csv"
NOT_PUMPING = ("asystole", "vf")


@dataclass(frozen=True, slots=True)
class ReportedAlarm:
    """One alarm on one strip.

    Attributes:
        strip: name of the recording.
        kind: of the alarm.
        onset_s: where it began, s.
        decided_s: signal that had to be seen, s.
    """

    strip: str
    kind: str
    onset_s: float
    decided_s: float


def strips(folder: Path, label: str) -> Iterator[Path]:
    """Yield the recordings of a folder that carry a label, in the order of its reference.

    Raises:
        OSError: the folder has no reference.
    """
    with (folder / REFERENCE).open(newline="", encoding="utf-8") as lines:
        for row in csv.reader(lines):
            if row[1:2] == [label]:
                yield folder / row[0]


def told(path: Path, kinds: tuple[str, ...] = NOT_PUMPING) -> list[ReportedAlarm]:
    """Analyse a strip, all leads, and return its alarms of some kinds, as they began.

    Args:
        path: recording, as `ecg_monitor.records.read_record` takes it.
        kinds: of alarms.

    Raises:
        RecordError: it cannot be read, or no device could send it.
    """
    recording = read_record(path)
    return [
        ReportedAlarm(path.name, event.kind, event.n / recording.fs, event.decided_n / recording.fs)
        for _, event in timed_events(recording)
        if isinstance(event, Alarm) and event.present and event.kind in kinds
    ]


def main() -> int:
    """Run the count; returns the exit status, 1 if there was such an alarm."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="recordings and REFERENCE.csv")
    parser.add_argument("--label", default="N", help="label of the strips (default N)")
    parser.add_argument(
        "--kind", action="append", help=f"kind of alarm (default {', '.join(NOT_PUMPING)})"
    )
    parser.add_argument("--first", type=int, metavar="N", help="only the first N strips")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the alarms as JSON")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once (default 1)")
    args = parser.parse_args()
    if not (args.folder / REFERENCE).is_file():
        parser.error(f"{args.folder} has no {REFERENCE}")
    paths = list(strips(args.folder, args.label))[: args.first]
    if not paths:
        parser.error(f"no strip in {args.folder} has the label {args.label}")
    kinds = tuple(args.kind or NOT_PUMPING)
    with ProcessPoolExecutor(args.jobs) as pool:
        of_strips = pool.map(partial(told, kinds=kinds), paths)
        found = [one for all_ in track(of_strips, "strips", total=len(paths)) for one in all_]
    for kind in kinds:
        names = sorted({one.strip for one in found if one.kind == kind})
        print(f"{kind}: on {len(names)} of {len(paths)} strips {' '.join(names)}".rstrip())
    if args.output:
        args.output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
