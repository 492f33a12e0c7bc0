"""Counts right and wrong answers, and scores them as the challenge does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["tp", "tn", "fp", "fn"]
OUTCOMES: tuple[Outcome, ...] = ("tp", "tn", "fp", "fn")
MISSED_COSTS = 5
"""A true alarm that is withheld counts as so many false ones that are told (Clifford 2015)."""


def outcome(*, is_true: bool, told: bool) -> Outcome:
    """Return what an answer is: true or false, positive or negative."""
    if is_true:
        return "tp" if told else "fn"
    return "fp" if told else "tn"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each outcome came.

    Attributes:
        tp: true alarms that were told.
        tn: false alarms that were not told.
        fp: false alarms that were told.
        fn: true alarms that were not told.
    """

    tp: int = 0
    tn: int = 0
    fp: int = 0
    fn: int = 0

    def plus(self, one: Outcome) -> Tally:
        """Return the tally with one outcome more."""
        return self + Tally(**{one: 1})

    def __add__(self, other: Tally) -> Tally:
        """Return the sum of two tallies."""
        return Tally(*(getattr(self, name) + getattr(other, name) for name in OUTCOMES))

    @property
    def count(self) -> int:
        """How many alarms were scored."""
        return self.tp + self.tn + self.fp + self.fn

    @property
    def score(self) -> float | None:
        """(TP + TN) / (TP + TN + FP + 5 FN), 0 to 1; None without any alarm."""
        right = self.tp + self.tn
        return _ratio(right, right + self.fp + MISSED_COSTS * self.fn)

    @property
    def sensitivity(self) -> float | None:
        """Share of the true alarms that was told, 0 to 1; None if there is no true one."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> float | None:
        """Share of the false alarms that was not told, 0 to 1; None if there is no false one."""
        return _ratio(self.tn, self.tn + self.fp)

    def as_map(self) -> dict[str, Any]:
        """Return counts and scores, JSON-ready."""
        return {
            **{name: getattr(self, name) for name in OUTCOMES},
            "score": self.score,
            "sensitivity": self.sensitivity,
            "specificity": self.specificity,
        }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
