"""Shows an alarm review as tables on the screen."""

from __future__ import annotations

from typing import Any

from rich.table import Table

RECORDS_SHOWN = 6


def render(review: dict[str, Any]) -> list[Table]:
    """Return tables of `detector.alarm_review.review.AlarmReview.as_map`."""
    return [_outcomes(review), _doubtful(review), _counts(review)]


def most(records: dict[str, int]) -> str:
    """Name the records that have most, in words."""
    return ", ".join(f"{name}: {count}" for name, count in list(records.items())[:RECORDS_SHOWN])


def _outcomes(review: dict[str, Any]) -> Table:
    table = Table("high-priority alarm", "raised", "per hour", "true", "arguable", "false")
    table.title = f"High-priority alarms in {review['hours']:.1f} h"
    for kind, row in review["high"].items():
        numbers = (row[name] for name in ("true", "arguable", "false"))
        table.add_row(kind, str(row["raised"]), f"{row['per_hour']:.2f}", *map(str, numbers))
    return table


def _doubtful(review: dict[str, Any]) -> Table:
    table = Table("record", "at s", "alarm", "value", "verdict", "reference")
    table.title = "High-priority alarms that are not plainly true"
    for alarm in review["alarms"]:
        if alarm["outcome"] != "true":
            table.add_row(
                alarm["record"],
                f"{alarm['onset_s']:.1f}",
                alarm["kind"],
                "-" if alarm["value"] is None else f"{alarm['value']:g}",
                alarm["outcome"],
                f"{alarm['reason']}; {' '.join(alarm['rhythms'])}",
            )
    return table


def _counts(review: dict[str, Any]) -> Table:
    table = Table("priority", "alarm", "raised", "per hour", "most in")
    table.title = "All alarms"
    for row in review["counts"]:
        told = most(row["records"])
        table.add_row(
            row["priority"], row["kind"], str(row["raised"]), f"{row['per_hour']:.2f}", told
        )
    return table
