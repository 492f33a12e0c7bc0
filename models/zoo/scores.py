"""Scores of classes: precision, recall and F1 of each, over all, with intervals over patients.

The intervals come from a bootstrap over patients (Efron 1979): beats of one patient resemble each
other, so drawing beats one by one would make the figures look surer than they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]
DRAWS = 2000
"""Bootstrap draws."""
INTERVAL = (2.5, 97.5)
"""Percentiles of the draws that bound a 95 % interval."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """What a confusion matrix says.

    Attributes:
        labels: names of the classes.
        confusion: examples by true class (row) and class found (column), shape (classes, classes).
        intervals: 95 % interval of each overall figure, and of the F1 of each class
            (``f1 N``), over patients; empty where there are too few to draw from.
        patients: how many there are.
    """

    labels: tuple[str, ...]
    confusion: npt.NDArray[np.int64]
    intervals: Mapping[str, tuple[float, float]]
    patients: int

    def as_map(self) -> dict[str, Any]:
        """Return all figures, JSON-ready."""
        matrix = self.confusion.astype(np.float64)
        precision, recall, f1 = by_class(matrix)
        support = matrix.sum(axis=1)
        rows = zip(self.labels, precision, recall, f1, support, strict=True)
        return {
            **{name: round(float(of(matrix)), 5) for name, of in OVERALL.items()},
            "classes": {
                label: {
                    "precision": round(float(p), 5),
                    "recall": round(float(r), 5),
                    "f1": round(float(f), 5),
                    "support": int(n),
                }
                for label, p, r, f, n in rows
            },
            "confusion": self.confusion.tolist(),
            "labels": list(self.labels),
            "patients": self.patients,
            "intervals": {k: [round(a, 5) for a in v] for k, v in self.intervals.items()},
        }


def by_class(matrix: Counts) -> tuple[Counts, Counts, Counts]:
    """Return precision, recall and F1 of each class, 0 where there is nothing to divide by.

    Args:
        matrix: shape (..., classes, classes), true class by class found.

    Returns:
        each of shape (..., classes).
    """
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    precision = _share(hits, matrix.sum(axis=-2))
    recall = _share(hits, matrix.sum(axis=-1))
    return precision, recall, _share(2 * precision * recall, precision + recall)


def _share(part: Counts, whole: Counts) -> Counts:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def accuracy(matrix: Counts) -> Counts:
    """Return the share of examples on the diagonal, shape (...)."""
    return np.trace(matrix, axis1=-2, axis2=-1) / matrix.sum(axis=(-2, -1))


def binary_accuracy(matrix: Counts) -> Counts:
    """Return the share of examples told rightly to be of the first class or not, shape (...)."""
    right = matrix[..., 0, 0] + matrix[..., 1:, 1:].sum(axis=(-2, -1))
    return right / matrix.sum(axis=(-2, -1))


def _weighted(number: int) -> Callable[[Counts], Counts]:
    def of(matrix: Counts) -> Counts:
        support = matrix.sum(axis=-1)
        weighted: Counts = (by_class(matrix)[number] * support).sum(axis=-1) / support.sum(axis=-1)
        return weighted

    return of


def _macro_f1(matrix: Counts) -> Counts:
    mean: Counts = by_class(matrix)[2].mean(axis=-1)
    return mean


OVERALL: Mapping[str, Callable[[Counts], Counts]] = {
    "accuracy": accuracy,
    "binary_accuracy": binary_accuracy,
    "weighted_precision": _weighted(0),
    "weighted_recall": _weighted(1),
    "weighted_f1": _weighted(2),
    "macro_f1": _macro_f1,
}
"""Figures of a whole confusion matrix, by name."""


def score_classes(
    targets: npt.NDArray[np.int64],
    found: npt.NDArray[np.int64],
    groups: npt.NDArray[np.str_],
    labels: Sequence[str],
    seed: int = 0,
) -> ClassScores:
    """Score what was found against what is true.

    Args:
        targets: index of the true class, shape (n,).
        found: index of the class found, shape (n,).
        groups: patient of each example, shape (n,).
        labels: names of the classes.
        seed: of the bootstrap.
    """
    names, patient = np.unique(groups, return_inverse=True)
    tables = np.zeros((len(names), len(labels), len(labels)))
    np.add.at(tables, (patient, targets, found), 1)
    whole = tables.sum(axis=0)
    intervals = bootstrap(tables, labels, seed) if len(names) > 1 else {}
    return ClassScores(tuple(labels), whole.astype(np.int64), intervals, len(names))


def bootstrap(tables: Counts, labels: Sequence[str], seed: int) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of the overall figures and of each class's F1.

    Args:
        tables: a confusion matrix per patient, shape (patients, classes, classes).
        labels: names of the classes.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    times = random.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=DRAWS)
    drawn = np.tensordot(times.astype(np.float64), tables, axes=1)
    figures = {name: of(drawn) for name, of in OVERALL.items()}
    f1 = by_class(drawn)[2]
    figures |= {f"f1 {label}": f1[:, number] for number, label in enumerate(labels)}
    bounds = {name: np.percentile(values, INTERVAL) for name, values in figures.items()}
    return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}
