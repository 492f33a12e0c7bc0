"""How soon atrial fibrillation and its end are told, and how much of what is told is false.

  python -m workbench.atrial.command RR_ONLY_DIR --part development
  python -m workbench.atrial.command RR_ONLY_DIR --mitdb MITDB_DIR --part held-out
  python -m workbench.atrial.command RR_ONLY_DIR --confirmation --picture curve.png
                                      what it costs to wait: delay against false alarms

RR_ONLY_DIR has the folders ltafdb and nsrdb with beat and rhythm annotations; what is told there
rests on RR intervals alone. MITDB_DIR is read with its signal, all leads, and only DS1 of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from detector.analyzer.offline import analyze
from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.output import check_output
from ecg_monitor.records import read_record
from models.scoring.databases import DS1
from workbench.atrial.confirmation import Played, curve, draw, told_alarms
from workbench.atrial.intervals import KINDS, alarm_spans, events_of, read_annotations
from workbench.atrial.parts import ARTEFACTS, DEVELOPMENT, FIBRILLATING, FS, HEALTHY, HELD_OUT
from workbench.atrial.timing import Span, Timing, episodes
from workbench.results import figures

PARTS = {"development": DEVELOPMENT, "held-out": HELD_OUT}
Timed = tuple[str, list[Span], list[Span], float]
"""Name, episodes of the reference and alarms of a record, s, and its length, s."""
COLUMNS = {
    "hours": "hours",
    "episodes": "AF",
    "found": "told",
    "onset_median_s": "onset, s",
    "onset_p90_s": "90 %",
    "end_median_s": "end, s",
    "end_p90_s": "90 %",
    "ended_early": "broken off",
    "time_se": "Se",
    "time_ppv": "+P",
    "false_alarms": "false alarms",
    "false_min_per_24h": "false min/24 h",
}


WAIT_COLUMNS = (
    "confirmed after, s",
    "onset told after, s",
    "told",
    f"false alarms per 24 h, {FIBRILLATING}",
    f"false alarms per 24 h, {HEALTHY}",
    f"false min per 24 h, {HEALTHY}",
)


def of_intervals(folder: Path, names: Iterable[str]) -> Iterator[Timed]:
    """Yield what the rule tells of long records of RR intervals.

    Raises:
        RecordError: one is missing, or damaged.
    """
    for name in names:
        record = read_annotations(folder / name, FS)
        told = alarm_spans(events_of(record), record.fs, record.end_s)
        yield name, episodes(record.rhythms, record.end_s), told, record.end_s


def of_signals(folder: Path, names: Iterable[str]) -> Iterator[Timed]:
    """Yield what the live engine tells of recordings, all leads.

    Raises:
        RecordError: one is missing, or damaged.
    """
    for name in names:
        recording = read_record(folder / name)
        end_s = recording.duration_s
        told = [
            (alarm["raised_s"], alarm["cleared_s"] or end_s)
            for alarm in analyze(recording)["alarms"]
            if alarm["kind"] in KINDS
        ]
        marks = ((mark.sample / recording.fs, mark.aux) for mark in recording.rhythms)
        yield name, episodes(marks, end_s), told, end_s


def scored(records: Iterable[Timed]) -> dict[str, Any]:
    """Return the figures of all records together, and of each by name."""
    together = Timing()
    each: dict[str, Any] = {}
    for name, reference, told, end_s in records:
        together.add(reference, told, end_s)
        alone = Timing()
        alone.add(reference, told, end_s)
        each[name] = alone.as_map()
    return {**together.as_map(), "records": each}


def played(folder: Path, names: Iterable[str]) -> Iterator[Played]:
    """Yield what the rule would tell of long records of RR intervals if it told at once.

    Raises:
        RecordError: one is missing, or damaged.
    """
    for name in names:
        record = read_annotations(folder / name, FS)
        told = told_alarms(events_of(record, min_s=0.0), record.fs, record.end_s)
        yield episodes(record.rhythms, record.end_s), told, record.end_s


def waits_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the curve of `workbench.atrial.confirmation.curve` as a table."""
    ill, well = FIBRILLATING, HEALTHY
    cells = [
        [
            f"{row['wait_s']:g}",
            _cell(row[ill]["onset_median_s"]),
            f"{row[ill]['found']} of {row[ill]['episodes']}",
            f"{row[ill]['false_alarms'] / row[ill]['hours'] * 24:.1f}",
            f"{row[well]['false_alarms'] / row[well]['hours'] * 24:.1f}",
            _cell(row[well]["false_min_per_24h"]),
        ]
        for row in rows
    ]
    return {"columns": list(WAIT_COLUMNS), "rows": cells}


def rows_of(groups: dict[str, Any]) -> list[list[str]]:
    """Return the figures of groups of records as cells of `COLUMNS`, a row a group."""
    return [[name, *(_cell(row[key]) for key in COLUMNS)] for name, row in groups.items()]


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def main() -> int:
    """Score, print, write the figures; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rr_only", metavar="RR_ONLY_DIR", type=Path)
    parser.add_argument("--mitdb", metavar="DIR", type=Path, help="MIT-BIH, for DS1")
    parser.add_argument("--part", choices=PARTS, default="development")
    parser.add_argument("--records", action="store_true", help="a row for each record as well")
    parser.add_argument("--confirmation", action="store_true", help="compare confirmation times")
    parser.add_argument("--picture", metavar="FILE", type=Path, help="of --confirmation, PNG")
    figures.add_argument(parser)
    args = parser.parse_args()
    try:
        check_output("--figures", args.figures)
        check_output("--picture", args.picture)
        found = _confirmation(args) if args.confirmation else _timing(args)
    except EcgMonitorError as error:
        print(error, file=sys.stderr)
        return 1
    table = Table(*found["table"]["columns"])
    for cells in found.pop("shown", found["table"]["rows"]):
        table.add_row(*cells)
    screen = Console()
    (screen if screen.is_terminal else Console(width=160)).print(table)
    if args.figures:
        folders = [args.rr_only / name for name in DEVELOPMENT]
        figures.write(args.figures, found, folders + ([args.mitdb] if args.mitdb else []))
    return 0


def _confirmation(args: argparse.Namespace) -> dict[str, Any]:
    part = PARTS[args.part]
    rows = curve({name: played(args.rr_only / name, part[name]) for name in part})
    if args.picture:
        draw(args.picture, rows, FIBRILLATING, HEALTHY)
    return {"part": args.part, "table": waits_of(rows), "curve": rows}


def _timing(args: argparse.Namespace) -> dict[str, Any]:
    groups = {
        database: scored(of_intervals(args.rr_only / database, names))
        for database, names in PARTS[args.part].items()
    }
    if args.part == "held-out":
        noisy = of_intervals(args.rr_only / HEALTHY, ARTEFACTS)
        groups[f"{HEALTHY}, many artefacts"] = scored(noisy)
    if args.mitdb:
        groups["mitdb, DS1"] = scored(of_signals(args.mitdb, DS1))
    table = {"columns": ["records", *COLUMNS.values()], "rows": rows_of(groups)}
    rows: dict[str, Any] = {}
    for name, group in groups.items():
        rows[name] = group
        if args.records:
            rows |= {f"  {record}": row for record, row in group["records"].items()}
    return {"part": args.part, "table": table, "groups": groups, "shown": rows_of(rows)}


if __name__ == "__main__":
    sys.exit(main())
