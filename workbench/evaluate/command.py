"""Score the engine's beats against a database's reference annotations, after AAMI EC57.

With --network, score a network of the zoo instead (`ecg-monitor models` lists them).

Runs the live engine over every record of DB_DIR and compares beat by beat: 150 ms window, first
five minutes excluded (and, beside it, from the first sample), ventricular flutter excluded, paced
records left out of class scoring. The first lead is used unless --leads says otherwise.

  ecg-monitor evaluate mitdb/ --split ds1
  ecg-monitor evaluate mitdb/ --records 100,106 --html report.html --json report.json
  ecg-monitor evaluate mitdb/ --leads all --annotations found/
  ecg-monitor evaluate mitdb/ --split ds2 --found mine/ --found-annotator qrs    another's beats
  ecg-monitor evaluate mitdb/ --split ds2 --rhythm                  episodes, alarms per hour
  ecg-monitor evaluate mitdb/ --rhythm --reference-beats            the rules alone
  ecg-monitor evaluate mitdb/ --alarms --html alarms.html           every high-priority alarm;
                                                        alarms per bed and day, by kind
  ecg-monitor evaluate challenge-2015/ --alarm-challenge --html wrong.html
                                    bedside alarms that experts called true or false (file ALARMS)
  ecg-monitor evaluate mitdb/ --split ds1 --degraded 128hz,holter   as other devices would give it
  ecg-monitor evaluate mitdb/ --split ds1 --spoilt-leads nstdb/     a bad lead beside a good one
  ecg-monitor evaluate ludb/ --delineation              wave boundaries, against LUDB's even records
  ecg-monitor evaluate ludb/ --delineation --leads II   the same with one lead alone to look at
  ecg-monitor evaluate bed:bed-3 --reference reviewer   against what reviewers made of its record
  ecg-monitor evaluate mitdb/ --network cnn-1d --split patients     a network of the zoo alone
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from detector.analyzer.command import packet_ms
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.output import check_output
from ecg_monitor.core.settings import Settings
from workbench.results import figures

MODES = (
    "network",
    "rhythm",
    "alarms",
    "alarm_challenge",
    "delineation",
    "degraded",
    "spoilt_leads",
)
"""What can be scored instead of beats."""
SPLITS_OF_NETWORKS = ("mixed", "patients", "standard")
"""Splits that networks of the zoo are scored on."""
MOST_JOBS = 256


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", metavar="DB_DIR", type=Path, help="folder of WFDB records")
    parser.add_argument(
        "--split",
        choices=("ds1", "ds2", "all", *SPLITS_OF_NETWORKS),
        default="all",
        help="de Chazal's halves of MIT-BIH: tune on ds1, report ds2 (default: all records); with "
        "--network mixed, patients or standard (default: that of the weights)",
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
        help="leads to use (default: first; with --alarms and --delineation all)",
    )
    parser.add_argument("--packet-ms", metavar="MS", type=packet_ms, default=500.0)
    parser.add_argument("--annotator", default="atr", help="reference annotator (default: atr)")
    parser.add_argument(
        "--reference",
        choices=("annotator", "reviewer"),
        default="annotator",
        help="reviewer: what holds after review; DB_DIR is then a folder of WFDB exports of "
        "reviewed beds (annotator rev), or bed:ID (default: --annotator)",
    )
    parser.add_argument(
        "--label-map",
        choices=("de_chazal", "ec57"),
        default="de_chazal",
        help="AAMI class of escape beats e and j: N (de Chazal) or S (bxb)",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the report as JSON")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write the report as a page")
    figures.add_argument(parser)
    parser.add_argument(
        "--annotations", metavar="DIR", type=Path, help="write WFDB annotation files (ecm)"
    )
    parser.add_argument(
        "--found",
        metavar="DIR",
        type=Path,
        help="score the WFDB annotation files of this folder, one per record, by whatever "
        "detector: the engine is not run",
    )
    parser.add_argument(
        "--found-annotator", metavar="NAME", default="ecm", help="their suffix (default: ecm)"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--rhythm", action="store_true", help="score rhythm episodes, and count alarms, instead"
    )
    parser.add_argument(
        "--reference-beats",
        action="store_true",
        help="with --rhythm: take beats and labels from the annotator, not from the engine",
    )
    instead.add_argument(
        "--alarms",
        action="store_true",
        help="judge every high-priority alarm by the reference instead; --html has the strips",
    )
    instead.add_argument(
        "--alarm-challenge",
        action="store_true",
        help="score a folder in the form of the PhysioNet/CinC Challenge 2015, with a file ALARMS "
        "of lines RECORD,KIND,TRUE, instead: is each bedside alarm told, by kind; --html has a "
        "strip of each wrong answer",
    )
    parser.add_argument(
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help="with --alarm-challenge: processes at once (default: 1)",
    )
    instead.add_argument(
        "--delineation",
        action="store_true",
        help="score wave boundaries against annotators named like the leads, instead",
    )
    instead.add_argument(
        "--degraded",
        metavar="LIST",
        help="score each record as another device would have recorded it, instead: other rates, "
        "converters, bands, amplitudes, hum, leads; all, or names as in 128hz,hum50,holter (a "
        "wrong one lists them). Use ds1: the drops count, not the scores",
    )
    instead.add_argument(
        "--spoilt-leads",
        metavar="NSTDB_DIR",
        type=Path,
        help="score QRS complexes with one of two leads spoilt (jumps, electrode motion from this "
        "folder, off, small), or three of twelve, instead: all leads joined against the best one",
    )
    instead.add_argument(
        "--network",
        metavar="NAME",
        help="score this network of the zoo on the test part of DB_DIR, instead: precision, recall "
        "and F1 of each class, confusion matrix, intervals over patients",
    )
    parser.add_argument(
        "--weights",
        metavar="FILE",
        type=Path,
        help="with --network: weights to score (default: those that are shipped for the split)",
    )
    parser.add_argument(
        "--picture",
        metavar="FILE",
        type=Path,
        help="with --network: draw confusion, ROC curves and wrong beats as PNG",
    )


def _jobs(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= MOST_JOBS):
        raise argparse.ArgumentTypeError(f"must be a whole number 1 .. {MOST_JOBS}, got {text!r}")
    return int(text)


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Analyse, score, tell.

    Raises:
        SettingsError: options that do not go together; a file that cannot be written.
        RecordError: the database or a record cannot be read.
        ArchiveError: nothing is kept of the bed.
    """
    if args.reference != "reviewer":
        return _evaluate(args)
    if args.annotator != "atr" or args.split != "all":
        raise SettingsError("--reference reviewer: leave out --annotator and --split")
    from workbench.evaluate.beds.reviewed import ANNOTATOR, reference_folder  # noqa: PLC0415

    with reference_folder(args.folder, settings) as (folder, note):
        args.folder, args.annotator = folder, ANNOTATOR
        print(note, file=sys.stderr)
        return _evaluate(args)


def _evaluate(args: argparse.Namespace) -> int:
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from workbench.evaluate import evaluations  # noqa: PLC0415

    mode = next((name for name in MODES if getattr(args, name)), "beats")
    if args.html and mode not in ("beats", "alarms", "alarm_challenge"):
        raise SettingsError(f"--html: --{mode} has no page; --json writes its figures")
    if args.found and (mode != "beats" or args.annotations or args.leads):
        raise SettingsError("--found: the engine is not run, so only beats are scored, not leads")
    _check_network(args)
    if args.jobs != 1 and mode != "alarm_challenge":
        raise SettingsError(f"--jobs: {mode} takes one process; --alarm-challenge takes more")
    check_output("--json", args.json)
    check_output("--html", args.html)
    check_output("--figures", args.figures)
    check_output("--picture", args.picture)
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        told = evaluations.ALL[mode](args, bar)
    # Names of records come from the data: a bracket or a colon in one is no markup.
    screen = Console(markup=False, emoji=False)
    if not screen.is_terminal:
        screen = Console(width=told.width, markup=False, emoji=False)
    for table in told.tables:
        screen.print(table)
    if args.json:
        args.json.write_bytes(orjson.dumps(told.figures, option=orjson.OPT_INDENT_2))
    if args.figures:
        folders = (args.folder, args.found, args.spoilt_leads)
        figures.write(args.figures, told.figures, [one for one in folders if one])
    if args.html and told.page:
        args.html.write_text(told.page(), encoding="utf-8")
    return 0


def _check_network(args: argparse.Namespace) -> None:
    if args.network is not None:
        return
    given = {"--weights": args.weights, "--picture": args.picture}
    if args.split in SPLITS_OF_NETWORKS:
        given[f"--split {args.split}"] = True
    for option in (option for option, value in given.items() if value):
        raise SettingsError(f"{option}: is about a network; name it with --network")
