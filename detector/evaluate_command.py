"""Score the engine's beats against a database's reference annotations, after AAMI EC57.

Runs the live engine over every record of DB_DIR and compares beat by beat: 150 ms window, first
five minutes excluded (and, beside it, from the first sample), ventricular flutter excluded, paced
records left out of class scoring. The first lead is used unless --leads says otherwise.

  ecg-monitor evaluate mitdb/ --split ds1
  ecg-monitor evaluate mitdb/ --records 100,106 --html report.html --json report.json
  ecg-monitor evaluate mitdb/ --leads all --annotations found/
  ecg-monitor evaluate mitdb/ --split ds2 --rhythm                  episodes, alarms per hour
  ecg-monitor evaluate mitdb/ --rhythm --reference-beats            the rules alone
  ecg-monitor evaluate mitdb/ --alarms --html alarms.html           every high-priority alarm
  ecg-monitor evaluate ludb/ --delineation              wave boundaries, against LUDB's even records
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.analyze_command import choose_leads, packet_ms
from ecg_monitor.errors import RecordError
from ecg_monitor.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.records import Recording
    from models.ec57 import Case


REPORT_WIDTH = 120
"""Columns of the table when it is written to a file."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", metavar="DB_DIR", type=Path, help="folder of WFDB records")
    parser.add_argument(
        "--split",
        choices=("ds1", "ds2", "all"),
        default="all",
        help="de Chazal's halves of MIT-BIH: tune on ds1, report ds2 (default: all records)",
    )
    parser.add_argument(
        "--records",
        metavar="LIST",
        help="only these, as in 100,106; with --delineation also odd, even or all (its constants "
        "were chosen on the odd records, so even is the default)",
    )
    parser.add_argument(
        "--leads",
        metavar="first|all|LIST",
        help="leads to use (default: first; with --alarms all, as at the bedside)",
    )
    parser.add_argument("--packet-ms", metavar="MS", type=packet_ms, default=500.0)
    parser.add_argument("--annotator", default="atr", help="reference annotator (default: atr)")
    parser.add_argument(
        "--label-map",
        choices=("de_chazal", "ec57"),
        default="de_chazal",
        help="AAMI class of escape beats e and j: N (de Chazal) or S (bxb)",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the report as JSON")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write the report as a page")
    parser.add_argument(
        "--annotations", metavar="DIR", type=Path, help="write WFDB annotation files (ecm)"
    )
    parser.add_argument(
        "--rhythm", action="store_true", help="score rhythm episodes, and count alarms, instead"
    )
    parser.add_argument(
        "--reference-beats",
        action="store_true",
        help="with --rhythm: take beats and labels from the annotator, not from the engine",
    )
    parser.add_argument(
        "--alarms",
        action="store_true",
        help="judge every high-priority alarm by the reference instead; --html has the strips",
    )
    parser.add_argument(
        "--delineation",
        action="store_true",
        help="score wave boundaries against annotators named like the leads, instead",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Analyse, score, tell."""
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from models import ec57  # noqa: PLC0415

    if args.delineation:
        return _delineation(args)
    names = chosen_records(args)
    args.leads = args.leads or ("all" if args.alarms else "first")
    if args.alarms:
        return _alarms(args, names)
    if args.rhythm:
        return _rhythm(args, names)
    told = {
        "database": str(args.folder),
        "split": args.split,
        "leads": args.leads,
        "packet_ms": args.packet_ms,
        "label_map": args.label_map,
    }
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        cases = bar.track(_cases(args, names), total=len(names), description="scoring")
        report = ec57.evaluate(cases, settings=told)
    screen = Console()
    if not screen.is_terminal:
        screen = Console(width=REPORT_WIDTH)
    screen.print(ec57.render_table(report))
    if args.json:
        args.json.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    if args.html:
        args.html.write_text(ec57.render_html(report))
    return 0


def _rhythm(args: argparse.Namespace, names: list[str]) -> int:
    """Score episodes of rhythm, and tell the alarms per hour."""
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    from detector.rhythm_evaluation import (  # noqa: PLC0415
        RhythmReport,
        from_own_beats,
        from_reference_beats,
    )
    from detector.rhythm_table import render  # noqa: PLC0415

    report = RhythmReport()
    for name in names:
        recording = _recording(args, name)
        if args.reference_beats:
            report.add(recording, *from_reference_beats(recording))
        else:
            report.add(recording, *from_own_beats(recording, args.packet_ms))
    told = report.as_map()
    screen = Console()
    for table in render(told):
        screen.print(table)
    if args.json:
        args.json.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return 0


def _alarms(args: argparse.Namespace, names: list[str]) -> int:
    """Hold every high-priority alarm against the reference."""
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    from detector.alarm_review.page import render_html  # noqa: PLC0415
    from detector.alarm_review.review import AlarmReview  # noqa: PLC0415
    from detector.alarm_review.tables import render  # noqa: PLC0415

    review = AlarmReview(args.packet_ms)
    for name in names:
        review.add(_recording(args, name))
    told = review.as_map()
    screen = Console()
    if not screen.is_terminal:
        screen = Console(width=REPORT_WIDTH)
    for table in render(told):
        screen.print(table)
    if args.json:
        args.json.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    if args.html:
        args.html.write_text(render_html(review), encoding="utf-8")
    return 0


def _recording(args: argparse.Namespace, name: str) -> Recording:
    from ecg_monitor.records import read_record  # noqa: PLC0415

    recording = read_record(args.folder / name, annotator=args.annotator)
    leads = recording.leads[0] if args.leads == "first" else args.leads
    return choose_leads(recording, None if leads == "all" else leads)


def _delineation(args: argparse.Namespace) -> int:
    """Score wave boundaries and intervals."""
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    from detector.delineation import evaluation  # noqa: PLC0415
    from detector.delineation.table import render  # noqa: PLC0415

    report = evaluation.DelineationReport()
    for path in evaluation.records_of(args.folder, args.records or "even"):
        evaluation.evaluate(path, report)
    told = report.as_map()
    screen = Console()
    for table in render(told):
        screen.print(table)
    if args.json:
        args.json.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return 0


def chosen_records(args: argparse.Namespace) -> list[str]:
    """Return the names of the records to score.

    Raises:
        RecordError: there are none, or one that was asked for is missing.
    """
    from models import databases  # noqa: PLC0415

    present = sorted(path.stem for path in args.folder.glob(f"*.{args.annotator}"))
    if not present:
        raise RecordError(f"{args.folder} has no record with annotations *.{args.annotator}")
    wanted = present if args.split == "all" else list(databases.split(args.split))
    if args.records:
        wanted = args.records.split(",")
    missing = sorted(set(wanted) - set(present))
    if missing:
        raise RecordError(f"{args.folder} lacks {', '.join(missing)}")
    return wanted


def _cases(args: argparse.Namespace, names: list[str]) -> Iterator[Case]:
    from detector.annotations import write_annotations  # noqa: PLC0415
    from detector.offline import analyze  # noqa: PLC0415
    from models import ec57  # noqa: PLC0415
    from models.databases import label_map  # noqa: PLC0415

    labels = label_map(args.label_map)
    for name in names:
        recording = _recording(args, name)
        analysis: dict[str, Any] = analyze(recording, packet_ms=args.packet_ms)
        if args.annotations:
            write_annotations(analysis, args.annotations)
        yield ec57.Case(
            name,
            ec57.read_beats(args.folder / name, args.annotator, labels),
            ec57.Beats.from_labels(
                (beat["sample"] for beat in analysis["beats"]),
                (beat["label"] for beat in analysis["beats"]),
            ),
            recording.fs,
            recording.duration_s,
        )
