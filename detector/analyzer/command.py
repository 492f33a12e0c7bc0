"""Analyse a recording with the engine that runs live, as fast as it can.

RECORD is a name (``100``: looked for where `ecg-monitor data where` says) or a path to a WFDB
record, a CSV, EDF, BDF, ISHNE, DICOM, aECG or MUSE file (docs/FILES.md). Prints a summary;
--json and --annotations write the details: every beat with class, probabilities and anomaly
score, vitals, waves, rhythms and alarms.

A CSV has a row with lead names and one row per sample, in mV unless the names, a row below them or
the head of the file give units (mV, uV, V). A column `time` gives the rate; without one, give --fs.
What was assumed and left out is printed; where it is unsure which column is ECG, say --leads.

  ecg-monitor analyze 100
  ecg-monitor analyze recordings/patient7.edf --json patient7.json
  ecg-monitor analyze 208 --annotations found/     then: bxb -r 208 -a atr ecm
  ecg-monitor analyze ecg.csv --fs 500 --json -    JSON to the screen
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.output import check_output
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from ecg_monitor.records import Recording

ANNOTATOR = "ecm"
"""Ending of the annotation files that are written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("record", metavar="RECORD", help="name or path of the recording")
    parser.add_argument("--data", metavar="DIR", default="", help="folder to look for RECORD in")
    parser.add_argument(
        "--json", metavar="FILE", help="write the whole analysis as JSON (-: standard output)"
    )
    parser.add_argument(
        "--annotations", metavar="DIR", type=Path, help="write a WFDB annotation file RECORD.ecm"
    )
    parser.add_argument(
        "--packet-ms",
        metavar="MS",
        type=packet_ms,
        default=500.0,
        help="packet length that the engine is fed with (default 500; the beats do not depend "
        "on it, when alarms are raised does)",
    )
    parser.add_argument(
        "--leads", metavar="LIST", help="use only these leads, as in II,V1 (default: all)"
    )
    parser.add_argument("--fs", type=float, help="sampling rate of a CSV without a time column, Hz")


def packet_ms(text: str) -> float:
    """Read a packet length as the wire format allows it."""
    value = float(text)
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"must be 1 to 1000 ms, got {text}")
    return value


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Analyse, then tell and write."""
    import orjson  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from detector.analyzer.offline import analyze  # noqa: PLC0415
    from detector.analyzer.warm import warm  # noqa: PLC0415
    from ecg_monitor.records import find_record, is_table, read_record  # noqa: PLC0415
    from ecg_monitor.ward.limits.file import load_limits  # noqa: PLC0415

    if args.json not in (None, "-"):
        check_output("--json", Path(args.json))
    console = Console(stderr=True, markup=False, emoji=False)  # names of files are no markup
    path, reason = find_record(args.record, settings, data=args.data)
    if args.leads and is_table(path):  # what the user names is taken, whatever it is called
        recording = read_record(path, fs=args.fs, columns=args.leads.split(","))
    else:
        recording = choose_leads(read_record(path, fs=args.fs), args.leads)
    warm()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"analysing {escape(recording.name)}", total=recording.duration_s)
        started = time.perf_counter()
        analysis = analyze(
            recording,
            packet_ms=args.packet_ms,
            limits=load_limits(settings.config),
            progress=lambda at: bar.update(task, completed=at),
        )
        took = time.perf_counter() - started
    if args.json == "-":
        sys.stdout.buffer.write(orjson.dumps(analysis, option=orjson.OPT_INDENT_2) + b"\n")
    elif args.json is not None:
        Path(args.json).write_bytes(orjson.dumps(analysis))
    if args.annotations:
        write_annotations(analysis, args.annotations)
    for line in (reason, *recording.notes):
        console.print(line, style="dim", highlight=False)
    _summary(console, analysis, took)
    return 0


def choose_leads(recording: Recording, names: str | None) -> Recording:
    """Return the recording with the named leads only, in the order named.

    Raises:
        RecordError: it has no such lead.
    """
    if not names:
        return recording
    rows = []
    for name in names.split(","):
        if name not in recording.leads:
            raise RecordError(
                f"{recording.name} has no lead {name!r}; it has {', '.join(recording.leads)}"
            )
        rows.append(recording.leads.index(name))
    return recording.with_leads(rows)


def _summary(console: Console, analysis: dict[str, Any], took: float) -> None:
    from rich.table import Table  # noqa: PLC0415

    rates = [v["heart_rate"] for v in analysis["vitals"] if v["heart_rate"] is not None]
    labels = [beat["label"] for beat in analysis["beats"]]
    table = Table(show_header=False, box=None, title=f"recording {analysis['record']}")
    table.add_column(style="bold")
    table.add_row("length", f"{analysis['duration_s']:.1f} s at {analysis['fs']:g} Hz")
    table.add_row("leads", ", ".join(analysis["leads"]))
    kinds = ", ".join(f"{kind} {labels.count(kind)}" for kind in "NSVFQ" if kind in labels)
    table.add_row("beats", f"{len(labels)} ({kinds or 'none'})")
    if rates:
        mean = sum(rates) / len(rates)
        table.add_row("heart rate", f"{min(rates):.0f} to {max(rates):.0f}, mean {mean:.0f} /min")
    for alarm in analysis["alarms"]:
        until = f"to {alarm['cleared_s']:.1f} s" if alarm["cleared_s"] is not None else "to the end"
        table.add_row(
            f"alarm: {alarm['kind'].replace('_', ' ')}",
            f"{alarm['onset_s']:.1f} s {until}, raised at {alarm['raised_s']:.1f} s "
            f"({alarm['priority']})",
        )
    table.add_row("speed", f"{took:.2f} s: {analysis['duration_s'] / took:,.0f} x real time")
    console.print(table)


def write_annotations(analysis: dict[str, Any], folder: Path) -> Path:
    """Write ``RECORD.ecm`` with one annotation per beat, labelled N, S, V, F or Q.

    Args:
        analysis: outcome of `detector.analyzer.offline.analyze`.
        folder: where to write; made if missing.

    Returns:
        path of the file.
    """
    import numpy as np  # noqa: PLC0415 - `--help` must not wait for it
    import wfdb  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{analysis['record']}.{ANNOTATOR}"
    beats = analysis["beats"]
    if not beats:  # wfdb refuses to write no annotations: an empty file ends at once
        path.write_bytes(b"\0\0")
        return path
    wfdb.wrann(
        analysis["record"],
        ANNOTATOR,
        np.array([beat["sample"] for beat in beats]),
        [beat["label"] for beat in beats],
        fs=analysis["fs"],
        write_dir=str(folder),
    )
    return path
