"""Shows a report on wave boundaries as tables on the screen."""

from __future__ import annotations

from typing import Any

from rich.table import Table


def render(report: dict[str, Any]) -> list[Table]:
    """Return tables of `workbench.evaluate.delineation.DelineationReport.as_map`."""
    boundaries = Table("boundary", "n", "Se %", "+P %", "F1 %", "mean ms", "SD ms", "CSE 2 SD ms")
    boundaries.title = f"Wave boundaries, {report['records']} records, every lead of every beat"
    for name, row in report["boundaries"].items():
        boundaries.add_row(
            name.replace("_", " ").lower(),
            str(row["n"]),
            _percent(row["se"]),
            _percent(row["ppv"]),
            _percent(row["f1"]),
            _number(row["mean_ms"]),
            _number(row["sd_ms"]),
            _number(row["cse_ms"]),
        )
    narrow = Table("boundary", "within ms", "Se %", "+P %", "F1 %", "mean ms", "SD ms")
    narrow.title = f"Within narrower tolerances: macro F1 {_percent(report['narrow_macro_f1'])} %"
    for name, row in report["narrow"].items():
        narrow.add_row(
            name.replace("_", " ").lower(),
            _number(row["tolerance_ms"]),
            _percent(row["se"]),
            _percent(row["ppv"]),
            _percent(row["f1"]),
            _number(row["mean_ms"]),
            _number(row["sd_ms"]),
        )
    intervals = Table(
        "interval", "records", "not measured", "mean ms", "SD ms", "median |error| ms"
    )
    intervals.title = "Intervals of the average beat, against the median of the annotated beats"
    for name, row in report["intervals"].items():
        intervals.add_row(
            name.removesuffix("_ms").upper(),
            str(row["records"]),
            str(row["unmeasured"]),
            _number(row["mean_ms"]),
            _number(row["sd_ms"]),
            _number(row["median_abs_ms"]),
        )
    return [boundaries, narrow, intervals]


def _percent(fraction: float | None) -> str:
    return "-" if fraction is None else f"{100 * fraction:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
