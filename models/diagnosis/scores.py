"""How good the project's own network was on recordings that it had never seen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("scores.json")
"""Written by ``python -m workbench.results.scores`` from the figures of the documentation."""


@dataclass(frozen=True, slots=True)
class Score:
    """How good a network was at one label, on the test part.

    Attributes:
        auc: area under the ROC curve.
        f1: at the network's threshold; None: not given.
        positives: test windows that have the label.
        windows: test windows of which it is known whether they have it.
    """

    auc: float
    f1: float | None
    positives: int
    windows: int


@cache
def scores() -> dict[str, Score]:
    """Return the score of each label of `models.diagnosis.release.DEFAULT`."""
    held = json.loads(FILE.read_text(encoding="utf-8"))
    return {label: Score(**fields) for label, fields in held["labels"].items()}
