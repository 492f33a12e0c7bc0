"""Shows a rhythm report as tables on the screen."""

from __future__ import annotations

from typing import Any

from rich.table import Table

RECORDS_SHOWN = 6


def render(report: dict[str, Any]) -> list[Table]:
    """Return tables of `workbench.evaluate.rhythm.RhythmReport.as_map`."""
    rhythms = Table("rhythm", "episodes", "Se", "+P", "seconds", "found", "Se", "+P", "false/h")
    rhythms.title = "Rhythm: episodes, durations; false episodes in records without any"
    for kind, row in report["rhythms"].items():
        rhythms.add_row(
            kind,
            str(row["episodes"]),
            _percent(row["episode_se"]),
            _percent(row["episode_ppv"]),
            f"{row['reference_s']:.0f}",
            f"{row['found_s']:.0f}",
            _percent(row["duration_se"]),
            _percent(row["duration_ppv"]),
            "-" if row["false_per_hour"] is None else f"{row['false_per_hour']:.2f}",
        )
    alarms = Table("alarm", "raised", "per hour", "most in")
    alarms.title = f"Alarms in {report['hours']:.1f} h"
    for kind, row in report["alarms"].items():
        most = list(row["records"].items())[:RECORDS_SHOWN]
        records = ", ".join(f"{name}: {count}" for name, count in most)
        alarms.add_row(kind, str(row["raised"]), f"{row['per_hour']:.2f}", records)
    return [rhythms, alarms]


def _percent(fraction: float | None) -> str:
    return "-" if fraction is None else f"{100 * fraction:.1f}"
