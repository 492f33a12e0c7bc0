"""Shows an alarm review as tables on the screen."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from workbench.alarm_review.load import load_title

RECORDS_SHOWN = 6


def render(review: dict[str, Any]) -> list[Table]:
    """Return tables of `workbench.alarm_review.review.AlarmReview.as_map`."""
    return [
        _outcomes(review),
        _tachycardias(review),
        _doubtful(review),
        _load(review),
        _counts(review),
    ]


def most(records: dict[str, int]) -> str:
    """Return the records that have most, with their counts, as text."""
    return ", ".join(f"{name}: {count}" for name, count in list(records.items())[:RECORDS_SHOWN])


def _outcomes(review: dict[str, Any]) -> Table:
    table = Table("high-priority alarm", "raised", "per hour", "true", "arguable", "false")
    table.title = f"High-priority alarms in {review['hours']:.1f} h"
    for kind, row in review["high"].items():
        numbers = (row[name] for name in ("true", "arguable", "false"))
        table.add_row(kind, str(row["raised"]), f"{row['per_hour']:.2f}", *map(str, numbers))
    return table


def _tachycardias(review: dict[str, Any]) -> Table:
    cells = review["tachycardia_table"]
    table = Table(*cells["columns"])
    table.title = "Ventricular tachycardias by the annotated rhythm"
    for row in cells["rows"]:
        table.add_row(*row)
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


def _load(review: dict[str, Any]) -> Table:
    return load_table(review["load"])


def load_table(load: dict[str, Any]) -> Table:
    """Return the table of `workbench.alarm_review.load.AlarmLoad.as_map` for the screen."""
    table = Table(*load["table"]["columns"])
    table.title = load_title(load)
    for row in load["table"]["rows"]:
        table.add_row(*row)
    return table


def _counts(review: dict[str, Any]) -> Table:
    table = Table("priority", "alarm", "raised", "per hour", "most in")
    table.title = "All alarms"
    for row in review["counts"]:
        records = most(row["records"])
        table.add_row(
            row["priority"], row["kind"], str(row["raised"]), f"{row['per_hour']:.2f}", records
        )
    return table
