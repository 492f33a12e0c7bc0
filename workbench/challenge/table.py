"""Shows the score of the challenge as tables on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from models.scoring.table import number, percent
from workbench.challenge.kinds import KINDS
from workbench.challenge.scoring import OUTCOMES

HEADINGS = ("alarm", *(name.upper() for name in OUTCOMES), "Se %", "Sp %", "score %")
CAUSE_HEADINGS = ("alarm", "answer", "what the analysis saw", "alarms")
WRONG = {"fn": "missed", "fp": "told though false"}
"""What a wrong answer is called."""


def render(figures: Mapping[str, Any]) -> list[Table]:
    """Return tables of `workbench.challenge.review.ChallengeReview.as_map`."""
    tables = [_scores(figures)]
    if figures["causes"]:
        tables += [_causes(figures), _wrong(figures)]
    if figures["refused"]:
        tables.append(_refused(figures))
    return tables


def quoted(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores and causes as tables for documents (`workbench.results.quotes`)."""
    return {
        "scores": {"columns": list(HEADINGS), "rows": score_rows(figures)},
        "causes": {"columns": list(CAUSE_HEADINGS), "rows": cause_rows(figures)},
    }


def title(figures: Mapping[str, Any]) -> str:
    """Return how many of the listed alarms the score rests on."""
    return f"Bedside alarms, {figures['scored']} of {figures['listed']} scored"


def score_rows(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return a row for each kind and one for all, under `HEADINGS`."""
    rows = [(KINDS[name].title, one) for name, one in figures["kinds"].items()]
    return [
        [
            name,
            *(number(one[outcome], 0) for outcome in OUTCOMES),
            *(percent(one[rate], 1) for rate in ("sensitivity", "specificity")),
            percent(one["score"]),
        ]
        for name, one in [*rows, ("all", figures["gross"])]
    ]


def folds_text(figures: Mapping[str, Any]) -> str:
    """Return the scores of the folds in words."""
    return f"by folds {', '.join(percent(score, 1) for score in figures['folds'])} %"


def cause_rows(figures: Mapping[str, Any]) -> list[list[str]]:
    """Return a row for each cause of wrong answers, under `CAUSE_HEADINGS`, by kind."""
    return [
        [KINDS[one["kind"]].title, WRONG[one["outcome"]], one["cause"], str(one["count"])]
        for one in figures["causes"]
    ]


def _scores(figures: Mapping[str, Any]) -> Table:
    table = Table(title=title(figures), title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == HEADINGS[0] else "right")
    *kinds, everything = score_rows(figures)
    for row in kinds:
        table.add_row(*row)
    table.add_section()
    table.add_row(*everything, style="bold")
    table.caption = (
        f"Score: (TP + TN) / (TP + TN + FP + 5 FN), Challenge 2015; {folds_text(figures)}."
    )
    table.caption_justify = "left"
    return table


def _causes(figures: Mapping[str, Any]) -> Table:
    table = Table(title="Wrong answers by what the analysis saw", title_justify="left")
    for heading in CAUSE_HEADINGS:
        table.add_column(heading, justify="right" if heading == CAUSE_HEADINGS[-1] else "left")
    for row in cause_rows(figures):
        table.add_row(*row)
    return table


def _wrong(figures: Mapping[str, Any]) -> Table:
    table = Table("alarm", "answer", "records", title="Which ones", title_justify="left")
    groups: dict[tuple[str, str], list[str]] = {}
    for one in figures["alarms"]:
        if one["cause"]:
            groups.setdefault((one["kind"], one["outcome"]), []).append(one["record"])
    for (kind, outcome), records in groups.items():
        table.add_row(KINDS[kind].title, WRONG[outcome], " ".join(records))
    return table


def _refused(figures: Mapping[str, Any]) -> Table:
    table = Table("record", "why", title="Not scored", title_justify="left", title_style="bold red")
    for one in figures["refused"]:
        table.add_row(one["record"], one["reason"])
    return table
