"""Figures of merit for classes given reference R peaks.

j-kappa: Mar et al. 2011, doi:10.1109/TBME.2011.2113395 (with sensitivity and positive predictivity
of S and V), as Mondejar-Guerra et al. 2019, doi:10.1016/j.bspc.2018.08.007, report it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models.beats.dataset import CLASSES

Counts = npt.NDArray[np.int64] | npt.NDArray[np.float64]


def confusion(
    true: npt.NDArray[np.integer], found: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """Count beats by true class (rows) and found class, shape (5, 5); without those below 0."""
    keep = true >= 0
    counts = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    np.add.at(counts, (true[keep], found[keep]), 1)
    return counts


def weighted_confusion(
    true: npt.NDArray[np.integer],
    found: npt.NDArray[np.integer],
    weights: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Count as `confusion` does, each beat with its weight, for labels of 0 and above."""
    counts = np.zeros((len(CLASSES), len(CLASSES)))
    np.add.at(counts, (true, found), weights)
    return counts


def class_scores(counts: Counts, index: int) -> tuple[float, float, float]:
    """Return sensitivity, positive predictivity and F1 of one class; 0 where undefined."""
    hits = float(counts[index, index])
    true, found = float(counts[index].sum()), float(counts[:, index].sum())
    return (
        hits / true if true else 0.0,
        hits / found if found else 0.0,
        2.0 * hits / (true + found) if true + found else 0.0,
    )


def accuracy(counts: Counts) -> float:
    """Return the part of the beats that have their class."""
    return float(np.trace(counts)) / max(float(counts.sum()), 1.0)


def kappa(counts: Counts) -> float:
    """Return Cohen's kappa; 1 when all beats are of one class and found so."""
    total = max(float(counts.sum()), 1.0)
    chance = float((counts.sum(0) * counts.sum(1)).sum()) / total**2
    return (accuracy(counts) - chance) / (1.0 - chance) if chance < 1.0 else 1.0


def j_kappa(counts: Counts) -> float:
    """Return half kappa, and an eighth of Se and +P of S and V each."""
    s, v = class_scores(counts, 1), class_scores(counts, 2)
    return 0.5 * kappa(counts) + 0.125 * (s[0] + s[1] + v[0] + v[1])


def summary(counts: Counts) -> dict[str, Any]:
    """Return all figures as a JSON-ready map, fractions rounded to 4 places."""
    figures: dict[str, Any] = {
        "accuracy": round(accuracy(counts), 4),
        "kappa": round(kappa(counts), 4),
        "j_kappa": round(j_kappa(counts), 4),
    }
    for index in (1, 2, 3):
        se, ppv, f1 = class_scores(counts, index)
        figures[CLASSES[index]] = {"se": round(se, 4), "ppv": round(ppv, 4), "f1": round(f1, 4)}
    figures["confusion"] = counts.tolist()
    return figures
