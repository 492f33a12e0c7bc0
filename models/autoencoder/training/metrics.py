"""Areas under curves, for scores without a threshold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata


def roc_auc(scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve.

    It is the chance that a positive scores above a negative, where ties count half.

    Raises:
        ValueError: there are no positives or no negatives.
    """
    good, bad = int(positive.sum()), int((~positive).sum())
    if not good or not bad:
        raise ValueError("positive: must hold both True and False")
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - good * (good + 1) / 2) / (good * bad))


def average_precision(scores: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_]) -> float:
    """Return the mean precision at the positives, highest score first.

    Equal scores count as one step.

    Raises:
        ValueError: there are no positives.
    """
    if not positive.any():
        raise ValueError("positive: must hold True")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    gained = np.diff(hits[ends], prepend=0)
    return float((gained * hits[ends] / (ends + 1)).sum() / hits[-1])
