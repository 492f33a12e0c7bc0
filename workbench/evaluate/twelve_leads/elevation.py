"""Count where the rule of ST elevation speaks: on normal ECGs, infarctions, and stated elevations.

DATA holds the compact PTB-XL with voltages at 500 Hz (`ptbxl_500hz_*.npz` beside its table of
labels) and CPSC2018, or one of them. Each recording is analysed as a bed sends it, and its first
ten seconds are judged as one window: a recording played again and again then raises the alarm if
that window shows it. Fold 10 of PTB-XL is left out. What is not judged for a wide QRS complex or
too few beats is counted beside.

  python -m workbench.evaluate.twelve_leads.elevation data/ --figures docs/figures/st-elevation.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.offline import packets_of
from detector.twelve_lead.st_levels import st_levels
from detector.twelve_lead.stemi import elevation, unmeasured
from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Beat
from ecg_monitor.records import Recording, read_record
from models.diagnosis.data import ptbxl
from models.diagnosis.data.sources import LABELS, places
from models.diagnosis.labels import of_dx
from models.diagnosis.leads import STANDARD, arrange
from workbench.results import figures

SECONDS = 10
LIMITS = {"men under 40": 0.25, "men from 40": 0.2, "women": 0.15}
"""Limit in V2 and V3, mV, by whom it is for; the first is the default."""
LIMIT = 0.1
TEST_FOLD = 10
STEPS_PER_MV = 1000.0


def main() -> int:
    """Count what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DATA", type=Path, help="folder of the data sets")
    figures.add_argument(parser)
    args = parser.parse_args()
    counts: dict[str, dict[str, int]] = {}
    for groups, recording in (*_ptbxl(args.folder), *_cpsc(args.folder)):
        found = said(recording)
        for group in groups:
            count = counts.setdefault(group, dict.fromkeys(("all", "unjudged", *LIMITS), 0))
            count["all"] += 1
            for name in found:
                count[name] += 1
    if not counts:
        raise RecordError(
            f"{args.folder}: holds neither ptbxl_500hz_*.npz nor recordings of CPSC2018"
        )
    columns = ["recordings", "all", "not judged", *LIMITS]
    rows = [[group, *map(str, count.values())] for group, count in counts.items()]
    console = Console()
    console.print(" | ".join(columns), highlight=False)
    for row in rows:
        console.print(" | ".join(row), highlight=False)
    if args.figures:
        values: dict[str, Any] = {"counts": counts, "table": {"columns": columns, "rows": rows}}
        figures.write(args.figures, values, places(args.folder))
    return 0


def said(recording: Recording) -> list[str]:
    """Return the limits of `LIMITS` beyond which a recording's ST is, or that it is not judged."""
    analyzer = Analyzer()
    outputs = analyzer.feed(packets_of(recording, 500.0))
    for device in analyzer.devices:
        outputs += analyzer.finish(device)
    events = [event for output in outputs for event in output.events]
    peaks = [event.n for event in events if isinstance(event, Beat) and event.label == "N"]
    gain, zero = (np.array(v)[:, None] for v in (recording.gain, recording.baseline))
    signal = arrange((recording.samples - zero) / gain, recording.leads).signal
    found = st_levels(signal, recording.fs, peaks)
    if found is None or unmeasured(found) is not None:
        return ["unjudged"]
    return [name for name, high in LIMITS.items() if elevation(found.levels, LIMIT, high)]


def _ptbxl(folder: Path) -> Iterator[tuple[list[str], Recording]]:
    for place in places(folder):
        for file in sorted(place.glob("ptbxl_500hz_*.npz")):
            entries = ptbxl.read_labels(place / LABELS)
            for ecg_id, signal, _ in ptbxl.compact_signals(file):
                entry = entries[ecg_id]
                if entry.fold == TEST_FOLD:
                    continue
                normal = entry.superclasses == {"NORM"}
                groups = ["PTB-XL, normal"] if normal else []
                groups += ["PTB-XL, infarction, old or new"] if "MI" in entry.superclasses else []
                yield groups, _recording(str(ecg_id), signal)


def _recording(name: str, signal: Any) -> Recording:
    counts = np.rint(signal * STEPS_PER_MV).astype(np.int16)
    gain, zero = (STEPS_PER_MV,) * len(STANDARD), (0.0,) * len(STANDARD)
    return Recording(name=name, fs=500.0, leads=STANDARD, gain=gain, baseline=zero, samples=counts)


def _cpsc(folder: Path) -> Iterator[tuple[list[str], Recording]]:
    for place in places(folder):
        for path in sorted(place.glob("A*.hea")):
            recording = read_record(path)
            cut = recording.samples[:, : round(SECONDS * recording.fs)]
            dx = [line.partition(":")[2] for line in recording.comments if line.startswith("Dx:")]
            labels = of_dx(",".join(dx))[0]
            groups = [f"CPSC2018, {name}" for name in ("SNR", "STE", "LBBB") if name in labels]
            yield groups, replace(recording, samples=cut, invalid=())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RecordError as error:
        sys.exit(f"error: {error}")
