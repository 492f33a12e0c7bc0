"""Makes log probabilities honest, and finds where to draw the line between classes.

Both are fitted on beats of records that the network was not trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from models.beats.scores import confusion, j_kappa

Doubles = npt.NDArray[np.float64]
FACTORS = (0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0)
"""What the probability of S and of V may be multiplied with before the largest is taken."""


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


def decision_factors(logs: Doubles, labels: npt.NDArray[np.integer]) -> tuple[float, ...]:
    """Find what to multiply the probabilities of N, S, V, F with for the best j-kappa."""
    best, chosen = -np.inf, (1.0, 1.0, 1.0, 1.0)
    for s, v in product(FACTORS, FACTORS):
        factors = (1.0, s, v, 1.0)
        found = np.argmax(logs + np.log(factors), axis=1)
        value = j_kappa(confusion(labels, found))
        # Ties and near ties go to the factors nearest to one.
        value -= 1e-3 * (abs(np.log(s)) + abs(np.log(v)))
        if value > best:
            best, chosen = value, factors
    return chosen
