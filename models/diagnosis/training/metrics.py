"""Scores of several labels at once, and intervals by drawing recordings anew (bootstrap)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def auc(scores: npt.NDArray[np.floating], holds: npt.NDArray[np.floating]) -> float:
    """Return the area under the ROC curve, NaN if one of the classes is empty.

    The chance that a positive scores higher than a negative; ties count half (Mann and Whitney).

    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    0.75
    """
    from scipy.stats import rankdata  # noqa: PLC0415  # slow to load

    positive = holds > 0.5
    n, m = int(positive.sum()), int((~positive).sum())
    if n == 0 or m == 0:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def aucs(
    scores: npt.NDArray[np.floating],
    holds: npt.NDArray[np.floating],
    known: npt.NDArray[np.floating],
) -> FloatArray:
    """Return the AUC of each label over the recordings where it is known, shape (labels,).

    Args:
        scores: shape (n, labels); ``holds`` and ``known`` alike.
        holds: 1 where a label holds.
        known: 1 where the data set decides it.
    """
    return np.array(
        [
            auc(scores[seen, i], holds[seen, i])
            for i in range(scores.shape[1])
            for seen in [known[:, i] > 0.5]
        ]
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def draws(n: int, times: int, seed: int) -> npt.NDArray[np.intp]:
    """Return which recordings each draw has, shape (times, n)."""
    return np.random.default_rng(seed).integers(0, n, (times, n))


def macro_auc(
    scores: npt.NDArray[np.floating],
    holds: npt.NDArray[np.floating],
    known: npt.NDArray[np.floating],
    *,
    times: int = 1000,
    seed: int = 1,
) -> Interval:
    """Return the mean AUC over labels, with its interval over draws of recordings."""
    value = float(np.nanmean(aucs(scores, holds, known)))
    spread = [
        np.nanmean(aucs(scores[d], holds[d], known[d])) for d in draws(len(scores), times, seed)
    ]
    low, high = np.percentile(spread, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def paired(
    one: npt.NDArray[np.floating],
    other: npt.NDArray[np.floating],
    holds: npt.NDArray[np.floating],
    known: npt.NDArray[np.floating],
    *,
    times: int = 1000,
    seed: int = 1,
) -> Interval:
    """Return by how much the macro AUC of ``one`` exceeds that of ``other``, on the same draws."""
    value = float(np.nanmean(aucs(one, holds, known)) - np.nanmean(aucs(other, holds, known)))
    spread = [
        np.nanmean(aucs(one[d], holds[d], known[d]))
        - np.nanmean(aucs(other[d], holds[d], known[d]))
        for d in draws(len(one), times, seed)
    ]
    low, high = np.percentile(spread, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def f1(decided: npt.NDArray[np.bool_], holds: npt.NDArray[np.bool_]) -> float:
    """Return the F1 score, 0 if there is neither a decision nor a positive."""
    both = float((decided & holds).sum())
    return 2 * both / max(float(decided.sum() + holds.sum()), 1.0)


def best_threshold(scores: npt.NDArray[np.floating], holds: npt.NDArray[np.floating]) -> float:
    """Return the threshold with the largest F1, halfway to the next lower score.

    If no recording is positive it is 0.5.
    """
    positive = holds > 0.5
    if not positive.any():
        return 0.5
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    values = 2 * hits / (np.arange(1, len(scores) + 1) + positive.sum())
    at = int(np.argmax(values))
    top = float(scores[order[at]])
    below = float(scores[order[at + 1]]) if at + 1 < len(scores) else 0.0
    return (top + below) / 2


def temperature(
    logits: npt.NDArray[np.floating],
    holds: npt.NDArray[np.floating],
    known: npt.NDArray[np.floating],
) -> float:
    """Return by what logits have to be divided for the least cross entropy (Guo et al. 2017)."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415  # slow to load

    def loss(log_t: float) -> float:
        z = logits / np.exp(log_t)
        terms = np.logaddexp(0.0, z) - holds * z
        return float((terms * known).sum() / known.sum())

    found = minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded")
    return float(np.exp(found.x))
