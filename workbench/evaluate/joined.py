"""Scores whether joined leads find the beats that the best of them finds alone.

Each record gets each fault (`workbench.evaluate.spoilt_leads`); then the QRS detector runs on every
lead by itself and on all of them, as it would live, without the networks. From the first sample on;
what lies outside the first and last reference beat is not scored, since LUDB's annotators left the
edges out.

Limitations: the detector was trained on DS1; what counts is the distance from the best lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.offline import DEVICE, packets_of
from ecg_monitor.core.types import RPeak
from ecg_monitor.records import Recording, read_record
from models import scoring as ec57
from models.scoring.databases import label_map
from workbench.evaluate.spoilt_leads import Fault, Volts

JOINED = "joined"
NOISE_RECORD = "em"
WIDTH = 140
"""Columns of the table when it is written to a file."""
_EDGE_S = ec57.MATCH_WINDOW_S


def find(recording: Recording, packet_ms: float) -> list[int]:
    """Return the R peaks of a recording, sample indices."""
    analyzer = Analyzer(networks=False)
    outputs = [
        output for packet in packets_of(recording, packet_ms) for output in analyzer.feed([packet])
    ]
    outputs += analyzer.finish(DEVICE)
    return [e.n for output in outputs for e in output.events if isinstance(e, RPeak)]


def measure(
    folder: Path,
    names: Sequence[str],
    faults: Iterable[Fault],
    noise: Path,
    *,
    annotator: str = "atr",
    packet_ms: float = 500.0,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Score the leads of records with each fault, one by one and joined.

    Args:
        folder: where the records lie.
        names: which of them; all have the same number of leads.
        faults: what to do to them.
        noise: folder of the MIT-BIH Noise Stress Test Database.
        annotator: reference annotator.
        packet_ms: length of the packets that the engine is fed with, ms.
        progress: called with each fault that has been scored on a record, in words.

    Returns:
        By the name of the fault, by `JOINED` and each lead's row (``"0"``): the scores of
        `ec57.evaluate` for QRS complexes, from the first sample.

    Raises:
        RecordError: a record cannot be read, or has one lead only.
    """
    faults = tuple(faults)
    motion = read_record(noise / NOISE_RECORD)
    cases: dict[str, dict[str, list[ec57.Case]]] = {fault.name: {} for fault in faults}
    for name in names:
        recording = read_record(folder / name, annotator=annotator)
        reference = ec57.read_beats(folder / name, annotator, label_map("de_chazal"))
        alone: dict[bytes, list[int]] = {}
        for fault in faults:
            spoilt = fault.apply(recording, _at_rate(motion, recording))
            found = {JOINED: find(spoilt, packet_ms)}
            for row in range(len(spoilt.leads)):
                lead = spoilt.with_leads([row])
                key = lead.samples.tobytes()
                if key not in alone:  # most faults leave most leads as they are
                    alone[key] = find(lead, packet_ms)
                found[str(row)] = alone[key]
            for what, peaks in found.items():
                case = ec57.Case(
                    name,
                    reference,
                    _within(reference, peaks, recording.fs),
                    recording.fs,
                    recording.duration_s,
                )
                cases[fault.name].setdefault(what, []).append(case)
            progress(f"{name} {fault.name}")
    return {
        fault: {what: ec57.evaluate(some)["full"]["gross"]["qrs"] for what, some in scored.items()}
        for fault, scored in cases.items()
    }


def render(scores: dict[str, Any], records: int) -> Table:
    """Return the table: one row per fault.

    Args:
        scores: outcome of `measure`.
        records: how many records it is made of.
    """
    table = Table(title=f"QRS complexes of {records} records with spoilt leads, F1 in %")
    table.add_column("fault")
    for heading in ("best lead", "F1", "missed", "invented", "joined F1", "missed", "invented"):
        table.add_column(heading, justify="right")
    table.add_column("joined less best", justify="right")
    for fault, scored in scores.items():
        joined = scored[JOINED]
        best = max((what for what in scored if what != JOINED), key=lambda what: _f1(scored[what]))
        lead = scored[best]
        table.add_row(
            fault,
            f"{int(best) + 1}.",
            *(f"{_f1(lead):.2f}", str(lead["fn"]), str(lead["fp"])),
            *(f"{_f1(joined):.2f}", str(joined["fn"]), str(joined["fp"])),
            f"{_f1(joined) - _f1(lead):+.2f}",
        )
    return table


def _f1(score: dict[str, Any]) -> float:
    return 100 * (score["f1"] or 0.0)


def _at_rate(noise: Recording, recording: Recording) -> Volts:
    """Return the first channel of a noise, repeated if too short, at a recording's rate."""
    at = np.arange(recording.n_samples) * noise.fs / recording.fs
    period = noise.n_samples
    found: Volts = np.interp(at, np.arange(period), noise.samples[0], period=period)
    return found


def _within(reference: ec57.Beats, peaks: list[int], fs: float) -> ec57.Beats:
    first = int(reference.samples[0]) - _EDGE_S * fs
    last = int(reference.samples[-1]) + _EDGE_S * fs
    kept = [n for n in peaks if first <= n <= last]
    return ec57.Beats.from_labels(kept, ["N"] * len(kept))
