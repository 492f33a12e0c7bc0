"""An EC57 report as tables for the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table

from models.scoring.counts import CLASSES
from models.scoring.evaluation import COUNTS, KINDS, WINDOWS, Report
from models.scoring.short_windows import LEVELS

TITLES = {"ec57": "after the learning period", "full": "from the first sample"}
NOTHING = "\N{EN DASH}"
"""Shown for None."""

_RATES = {"se": "Se", "ppv": "+P", "f1": "F1"}


def render_table(report: Report) -> Group:
    """Return the report as a rich renderable.

    One row per record with gross and average below, after the learning period; then the gross
    figures of both windows with their counts; then detection in windows of ten seconds; then the
    confusion matrix. Rates are in percent.

    Args:
        report: outcome of `evaluate`.
    """
    return Group(_records(report), _gross(report), _short_windows(report), _confusion(report))


def percent(fraction: float | None, digits: int = 2) -> str:
    """Return a fraction in percent; a dash for None."""
    return NOTHING if fraction is None else f"{100 * fraction:.{digits}f}"


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with that many decimals; a dash for None."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def _records(report: Report) -> Table:
    table = Table(title=f"Per record, {TITLES['ec57']}, %", title_justify="left")
    table.add_column("record")
    for kind in KINDS:
        for heading in _RATES.values():
            table.add_column(f"{kind.upper()} {heading}", justify="right")
    for heading in ("FN", "FP", "R peak ± ms"):
        table.add_column(heading, justify="right")
    for name, entry in report["records"].items():
        mark = "" if entry["classes_scored"] else " *"
        table.add_row(name + mark, *_row(entry["ec57"], entry["ec57"]["timing"]))
    table.add_section()
    window = report["ec57"]
    table.add_row("gross", *_row(window["gross"], window["timing"]), style="bold")
    table.add_row("average", *_row(window["average"], {}))
    table.caption = "FN, FP: beats missed and invented. * classes not scored (paced)."
    table.caption_justify = "left"
    return table


def _row(scores: dict[str, Any], timing: dict[str, Any]) -> list[str]:
    cells = [percent(scores[kind][rate]) for kind in KINDS for rate in _RATES]
    cells += [number(scores["qrs"].get(count), 0) for count in ("fn", "fp")]
    return [*cells, number(timing.get("median_abs_ms"))]


def _gross(report: Report) -> Table:
    table = Table(title="Gross", title_justify="left")
    table.add_column("window")
    table.add_column("beats")
    for heading in ("Se %", "+P %", "F1 %", *(count.upper() for count in COUNTS), "FP/h"):
        table.add_column(heading, justify="right")
    for window in WINDOWS:
        table.add_section()
        for kind in KINDS:
            score = report[window]["gross"][kind]
            table.add_row(
                TITLES[window],
                kind.upper(),
                *(percent(score[rate], 3) for rate in _RATES),
                *(number(score[count], 0) for count in COUNTS),
                number(score["fp_per_hour"]),
            )
    return table


def short_windows(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the distribution of detection in windows of ten seconds."""
    headings = ["window", "rate", "windows", "AUecdf", "worst %"]
    headings += [f"below {100 * level:g} %" for level in LEVELS]
    rows = []
    for window in WINDOWS:
        for name in ("se", "ppv"):
            found = report[window]["ten_seconds"][name]
            cells = [TITLES[window], _RATES[name], number(found["windows"], 0)]
            cells += [number(found["auecdf"], 5), percent(found["worst"], 0)]
            cells += [percent(found["below"].get(f"{level:g}")) for level in LEVELS]
            rows.append(cells)
    return headings, rows


def _short_windows(report: Report) -> Table:
    headings, rows = short_windows(report)
    table = Table(title="Detection in windows of ten seconds", title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in headings[:2] else "right")
    for row in rows:
        table.add_row(*row)
    table.caption = (
        "AUecdf: area under the distribution of the rate over windows, 0 if each is perfect "
        "(Daluwatte 2018). Right of it: share of windows with a lower rate, %."
    )
    table.caption_justify = "left"
    return table


def _confusion(report: Report) -> Table:
    title = f"Reference (rows) against test (columns), {TITLES['ec57']}"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for label in CLASSES:
        table.add_column(label.lower(), justify="right")
    for reference, row in report["ec57"]["confusion"].items():
        table.add_row(reference, *(str(row[label]) if row[label] else "·" for label in CLASSES))
    table.caption = "O: no such beat. X: none, because the annotator was shut down."
    table.caption_justify = "left"
    return table
