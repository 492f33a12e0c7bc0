"""Ventricular tachycardias told in short recordings of rhythms that invite them: all are false.

  python -m workbench.alarm_review.repeated cpsc2018 ptbxl_volts
  python -m workbench.alarm_review.repeated cpsc2018 ptbxl_volts --seconds 120

A recording of ten seconds ends before the analysis has learnt its heart, so each is played over and
over on leads II and V1: from one beat to the same place before the last, so that at the joins the
RR interval is one of its own, less a straight line, so that there is no step. What repeats in it
repeats at each turn: how many recordings have an alarm says more than how many alarms there are.

Groups are those of the labels: atrial fibrillation, supraventricular tachycardia, bundle branch
block. Recordings of PTB-XL with ventricular ectopy or pacing, and those of its test fold, are
left out; CPSC 2018 gives a recording of block or fibrillation no other label.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from detector.analyzer.offline import analyze, timed_events
from ecg_monitor.core.errors import EcgMonitorError, RecordError
from ecg_monitor.core.output import check_output
from ecg_monitor.core.types import Beat
from ecg_monitor.records import Recording, read_record
from models.diagnosis.data import folders, ptbxl, sources
from models.diagnosis.leads import STANDARD
from workbench.alarm_review.strata import VENTRICULAR_TACHYCARDIAS
from workbench.results import figures

LEADS = ("II", "V1")
LEAST_BEATS = 6
"""A recording with fewer found is not played."""
AHEAD = 0.4
"""The joins lie so much of an RR interval ahead of an R peak."""
EDGE_S = 0.02
"""Signal around a join whose mean is its level, s."""
GAIN = 1000.0
"""Steps per mV that voltages are kept in."""
PTBXL_FS = 100.0
HEADINGS = ("source", "rhythm", "recordings", "hours", "with an alarm", "alarms", "in 24 h")
STATEMENTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "atrial fibrillation or flutter": frozenset({"AFIB", "AFLT"}),
        "supraventricular tachycardia": frozenset({"SVTAC", "PSVT"}),
        "sinus tachycardia": frozenset({"STACH"}),
        "left bundle branch block": frozenset({"CLBBB"}),
        "right bundle branch block": frozenset({"CRBBB"}),
    }
)
"""Groups by statements of PTB-XL."""
LEFT_OUT = frozenset({"PVC", "BIGU", "TRIGU", "PACE"})
DX: Mapping[str, str] = MappingProxyType(
    {
        "AF": "atrial fibrillation or flutter",
        "LBBB": "left bundle branch block",
        "RBBB": "right bundle branch block",
    }
)
"""Groups by labels of CPSC 2018."""


def peaks_of(recording: Recording) -> list[int]:
    """Return the samples of the R peaks that the engine finds."""
    timed = timed_events(recording, networks=False)
    return [event.n for _, event in timed if isinstance(event, Beat)]


def repeated(recording: Recording, peaks: list[int], seconds: float) -> Recording | None:
    """Return a recording played over and over.

    Args:
        recording: of some seconds.
        peaks: samples of its R peaks.
        seconds: length to be reached, s.

    Returns:
        None if it has too few beats.
    """
    if len(peaks) < LEAST_BEATS:
        return None
    ahead = round(AHEAD * median(after - before for before, after in pairwise(peaks)))
    edge = max(1, round(EDGE_S * recording.fs))
    start, end = peaks[1] - ahead, peaks[-1] - ahead
    samples = recording.samples.astype(np.float64)
    step = [samples[:, max(0, at - edge) : at + edge + 1].mean(axis=1) for at in (start, end)]
    turn = samples[:, start:end] - np.outer(step[1] - step[0], np.linspace(0, 1, end - start))
    times = int(-(-seconds * recording.fs // (end - start)))
    played = np.clip(np.rint(np.tile(turn, times)), -32767, 32767).astype(np.int16)
    return replace(recording, samples=played, beats=(), rhythms=(), invalid=())


def of_cpsc(folder: Path) -> Iterator[tuple[str, Recording]]:
    """Yield the recordings of CPSC 2018 with the groups that they are of.

    Raises:
        RecordError: there are none, or one is damaged.
    """
    for header in folders.read_headers(folder):
        groups = [DX[label] for label in header.labels if label in DX]
        if groups:
            recording = read_record(header.path)
            two = recording.with_leads([recording.leads.index(name) for name in LEADS])
            yield from ((group, two) for group in groups)


def of_ptbxl(folder: Path) -> Iterator[tuple[str, Recording]]:
    """Yield the recordings of PTB-XL's compact form with voltages with the groups they are of.

    Raises:
        RecordError: it is not there.
    """
    entries = ptbxl.read_labels(folder / sources.LABELS)
    files = sorted(folder.glob(sources.COMPACT[0]))
    if not files:
        raise RecordError(f"{folder}: holds no {sources.COMPACT[0]}")
    rows = [STANDARD.index(name) for name in LEADS]
    for file in files:
        for ecg_id, signal, _ in ptbxl.compact_signals(file):
            entry = entries[ecg_id]
            if entry.part == "test" or entry.statements & LEFT_OUT:
                continue
            for group, wanted in STATEMENTS.items():
                if entry.statements & wanted:
                    samples = np.clip(np.rint(signal[rows] * GAIN), -32767, 32767)
                    yield (
                        group,
                        Recording(
                            *(str(ecg_id), PTBXL_FS, LEADS, (GAIN,) * 2, (0.0,) * 2),
                            samples.astype(np.int16),
                        ),
                    )


def measure(
    recordings: Iterator[tuple[str, Recording]], source: str, seconds: float
) -> list[dict[str, Any]]:
    """Return what is told in the recordings of each group, a row a group, JSON-ready."""
    rows: dict[str, dict[str, Any]] = {}
    for group, recording in track(recordings, source):
        played = repeated(recording, peaks_of(recording), seconds)
        row = rows.setdefault(
            group,
            {
                **{"source": source, "group": group, "recordings": 0, "not_played": 0},
                **{"seconds": 0.0, "alarms": 0, "with_alarm": []},
            },
        )
        if played is None:
            row["not_played"] += 1
            continue
        told = sum(alarm["kind"] in VENTRICULAR_TACHYCARDIAS for alarm in analyze(played)["alarms"])
        row["recordings"] += 1
        row["seconds"] += round(played.duration_s, 1)
        row["alarms"] += told
        if told:
            row["with_alarm"].append(recording.name)
    return [rows[group] for group in sorted(rows)]


def cells_of(row: dict[str, Any]) -> list[str]:
    """Return a row of `measure` as cells under `HEADINGS`."""
    days = row["seconds"] / 86_400
    return [
        *(row["source"], row["group"], str(row["recordings"]), f"{row['seconds'] / 3600:.2f}"),
        *(str(len(row["with_alarm"])), str(row["alarms"])),
        f"{row['alarms'] / days:.1f}" if days else "-",
    ]


def main() -> int:
    """Count, print, write the figures; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cpsc", metavar="CPSC2018", type=Path)
    parser.add_argument("ptbxl", metavar="PTBXL_VOLTS", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="played of each (default 60)")
    figures.add_argument(parser)
    args = parser.parse_args()
    try:
        check_output("--figures", args.figures)
        rows = [
            *measure(of_cpsc(args.cpsc), "CPSC 2018", args.seconds),
            *measure(of_ptbxl(args.ptbxl), "PTB-XL", args.seconds),
        ]
    except EcgMonitorError as error:
        print(error, file=sys.stderr)
        return 1
    cells = [cells_of(row) for row in rows]
    table = Table(*HEADINGS)
    for row in cells:
        table.add_row(*row)
    Console(width=120).print(table)
    if args.figures:
        values = {"rows": rows, "table": {"columns": list(HEADINGS), "rows": cells}}
        figures.write(args.figures, values, [args.cpsc, args.ptbxl])
    return 0


if __name__ == "__main__":
    sys.exit(main())
