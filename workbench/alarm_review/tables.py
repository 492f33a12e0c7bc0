"""Shows an alarm review as tables on the screen."""

from __future__ import annotations

from typing import Any

from rich.table import Table

RECORDS_SHOWN = 6
LOAD_HEADINGS = ("priority", "alarm", "raised", "raised/day", "alerts/day", "audible/day")
"""``alerts``: what is to be handled; repeats are counted with the first (`AlarmLoad`)."""


def render(review: dict[str, Any]) -> list[Table]:
    """Return tables of `workbench.alarm_review.review.AlarmReview.as_map`."""
    return [_outcomes(review), _doubtful(review), _load(review), _counts(review)]


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


def load_rows(load: dict[str, Any]) -> list[list[str]]:
    """Return the rows of a table of `AlarmLoad.as_map`, under `LOAD_HEADINGS`.

    By priority, then all, then by kind.
    """
    rows = [(one["priority"], "all", one) for one in load["priorities"]]
    rows += [("all", "all", load["all"])]
    rows += [(one["priority"], one["kind"], one) for one in load["kinds"]]
    return [
        [
            *(priority, kind, f"{row['raised']}", f"{row['raised_per_bed_day']:.1f}"),
            *(f"{row['alerts_per_bed_day']:.1f}", f"{row['audible_per_bed_day']:.1f}"),
        ]
        for priority, kind, row in rows
    ]


def load_title(load: dict[str, Any]) -> str:
    """Return the table's title, with the figure to compare it with."""
    return (
        f"Alarms per bed and day, over {load['bed_days']:.2f} bed days (intensive care: "
        f"{load['drew_2014_audible_per_bed_day']} audible, Drew 2014)"
    )


def _load(review: dict[str, Any]) -> Table:
    table = Table(*LOAD_HEADINGS)
    table.title = load_title(review["load"])
    for row in load_rows(review["load"]):
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
