"""Scores how much worse beats are found and classified on the signal of another device.

Each record is degraded in each way (`workbench.evaluate.degradations`), analysed as the live system
would, and scored after EC57 against the same reference.

Limitations: meant for MIT-BIH's DS1, which the networks were trained on. The scores are flattered
by that; what counts is how far they drop below the undegraded run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from detector.analyzer.offline import analyze
from ecg_monitor.records import read_record
from models import scoring as ec57
from models.scoring.databases import label_map
from models.scoring.table import percent
from workbench.evaluate.degradations import UNDEGRADED, Degradation

_KINDS = ("qrs", "veb", "sveb")
_COLUMNS = tuple((kind, rate) for kind in _KINDS for rate in ("se", "ppv", "f1"))
_HEADINGS = {"se": "Se", "ppv": "+P", "f1": "F1"}
WIDTH = 150
"""Columns of the table when it is written to a file."""


def measure(
    folder: Path,
    names: Iterable[str],
    degradations: Sequence[Degradation],
    *,
    annotator: str = "atr",
    labels: str = "de_chazal",
    packet_ms: float = 500.0,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Score records under each degradation.

    Args:
        folder: where the records lie.
        names: which of them.
        degradations: what to do to them.
        annotator: reference annotator.
        labels: label map of `models.scoring.databases`.
        packet_ms: length of the packets that the engine is fed with, ms.
        progress: called with each degradation that has been applied to a record, in words.

    Returns:
        EC57 reports (see `ec57.evaluate`) by the name of the degradation.

    Raises:
        RecordError: a record cannot be read, or lacks a lead.
    """
    cases: dict[str, list[ec57.Case]] = {degradation.name: [] for degradation in degradations}
    for name in names:
        recording = read_record(folder / name)
        reference = ec57.read_beats(folder / name, annotator, label_map(labels))
        for degradation in degradations:
            spoilt = degradation.apply(recording)
            beats = analyze(spoilt, packet_ms=packet_ms)["beats"]
            scale = recording.fs / spoilt.fs
            found = ec57.Beats.from_labels(
                (round(beat["sample"] * scale) for beat in beats),
                (beat["label"] for beat in beats),
            )
            cases[degradation.name].append(
                ec57.Case(name, reference, found, recording.fs, recording.duration_s)
            )
            progress(f"{name} {degradation.name}")
    return {name: ec57.evaluate(some) for name, some in cases.items()}


def render(reports: dict[str, Any], records: int) -> Table:
    """Return the table: one row per degradation, gross figures, and their drop.

    Args:
        reports: outcome of `measure`.
        records: how many records it is made of.
    """
    table = Table(title=f"Beats of {records} degraded records, after the learning period, %")
    table.add_column("degradation")
    for kind, rate in _COLUMNS:
        table.add_column(f"{kind.upper()} {_HEADINGS[rate]}", justify="right")
    for kind in _KINDS:
        table.add_column(f"{kind.upper()} drop", justify="right")
    table.add_column("R ms", justify="right")
    plain = reports[UNDEGRADED.name]["ec57"]["gross"]
    for name, report in reports.items():
        gross, timing = report["ec57"]["gross"], report["ec57"]["timing"]
        cells = [percent(gross[kind][rate]) for kind, rate in _COLUMNS]
        drops = [_drop(plain[kind]["f1"], gross[kind]["f1"]) for kind in _KINDS]
        late = timing["median_abs_ms"]
        table.add_row(name, *cells, *drops, "" if late is None else f"{late:.1f}")
    table.caption = (
        "The networks were trained on these records (DS1): what counts is the drop of F1 below "
        "the undegraded run. R: median distance from the reference R peak."
    )
    table.caption_justify = "left"
    return table


def _drop(plain: float | None, spoilt: float | None) -> str:
    return "" if plain is None or spoilt is None else f"{100 * (plain - spoilt):.2f}"
