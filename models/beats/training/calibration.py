"""Calibrates log probabilities, and fits the decision between classes.

Both are fitted on beats of records that the network was not trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from models.beats.training.scores import class_scores, weighted_confusion

Doubles = npt.NDArray[np.float64]
FACTORS = (0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0)
"""Factors by which the probability of S and of V may be multiplied before the largest is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """``softmax(sharpness * log p + offsets)`` (Guo 2017, temperature; with a bias per class)."""

    sharpness: float
    offsets: Doubles

    def apply(self, logs: Doubles) -> Doubles:
        """Calibrate log probabilities, shape (n, 4)."""
        calibrated: Doubles = special.log_softmax(self.sharpness * logs + self.offsets, axis=1)
        return calibrated


NONE = Calibration(1.0, np.zeros(4))


def calibrate(logs: Doubles, labels: npt.NDArray[np.integer]) -> Calibration:
    """Fit by maximum likelihood.

    Args:
        logs: log probabilities, shape (n, 4).
        labels: true classes, 0 to 3, shape (n,).
    """

    def loss(parameters: Doubles) -> float:
        fitted = special.log_softmax(
            np.exp(parameters[0]) * logs + np.append(0.0, parameters[1:]), axis=1
        )
        # The weak pull to "no change" keeps a class that is hardly there from running away.
        return float(-fitted[rows, labels].mean() + 1e-4 * np.square(parameters).sum())

    rows = np.arange(len(labels))
    best = optimize.minimize(loss, np.zeros(4), method="L-BFGS-B")
    return Calibration(float(np.exp(best.x[0])), np.append(0.0, best.x[1:]))


def decision_factors(
    logs: Doubles, labels: npt.NDArray[np.integer], weights: Doubles, parts: npt.NDArray[np.bool_]
) -> tuple[float, ...]:
    """Find what to multiply the probabilities of N, S, V, F with for the best F1 of S and V.

    F1 balances sensitivity and positive predictivity. It is taken of S and V in either part of
    the beats, and the mean of the four is what counts.

    Args:
        logs: log probabilities, shape (n, 4).
        labels: true classes, 0 to 3, shape (n,).
        weights: what each beat counts for, shape (n,).
        parts: divides the beats in two, shape (n,); one of them may be empty.
    """
    best, chosen = -np.inf, (1.0, 1.0, 1.0, 1.0)
    halves = [half for half in (parts, ~parts) if half.any()]
    for s, v in product(FACTORS, FACTORS):
        factors = (1.0, s, v, 1.0)
        found = np.argmax(logs + np.log(factors), axis=1)
        tables = [weighted_confusion(labels[h], found[h], weights[h]) for h in halves]
        value = float(np.mean([class_scores(table, c)[2] for table in tables for c in (1, 2)]))
        # Ties and near ties go to the factors nearest to one.
        value -= 1e-3 * (abs(np.log(s)) + abs(np.log(v)))
        if value > best:
            best, chosen = value, factors
    return chosen
