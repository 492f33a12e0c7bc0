"""Scores of a network that says how unusual a beat is: over all, and over balanced draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models.autoencoder.training.metrics import roc_auc

DRAWS = 1000
DRAWN = 438
"""Beats of a balanced draw, half of them normal: as many as the claim was made on."""
SEED = 0


def score_anomalies(
    scores: npt.NDArray[np.float32], abnormal: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    """Return accuracy, F1 of the abnormal class and AUC, with the spread over draws.

    Args:
        scores: over 1 for beats called abnormal, shape (n,).
        abnormal: which are, shape (n,).
    """
    called = scores > 1.0
    half = min(DRAWN // 2, int(abnormal.sum()), int((~abnormal).sum()))
    random = np.random.default_rng(SEED)
    places = np.flatnonzero(abnormal), np.flatnonzero(~abnormal)
    drawn = []
    for _ in range(DRAWS):
        rows = np.concatenate([random.choice(part, half, replace=False) for part in places])
        drawn.append((_accuracy(called[rows], abnormal[rows]), _f1(called[rows], abnormal[rows])))
    accuracy, f1 = np.array(drawn).T
    return {
        "accuracy": round(_accuracy(called, abnormal), 5),
        "f1": round(_f1(called, abnormal), 5),
        "auc": round(float(roc_auc(scores, abnormal)), 5),
        "sensitivity": round(float(called[abnormal].mean()), 5),
        "specificity": round(float((~called[~abnormal]).mean()), 5),
        "balanced": {
            "beats": 2 * half,
            "draws": DRAWS,
            "accuracy": _spread(accuracy),
            "f1": _spread(f1),
        },
    }


def _accuracy(called: npt.NDArray[np.bool_], abnormal: npt.NDArray[np.bool_]) -> float:
    return float((called == abnormal).mean())


def _f1(called: npt.NDArray[np.bool_], abnormal: npt.NDArray[np.bool_]) -> float:
    hits = float((called & abnormal).sum())
    return 2.0 * hits / max(float(called.sum() + abnormal.sum()), 1.0)


def _spread(values: npt.NDArray[np.float64]) -> dict[str, float]:
    low, high = np.percentile(values, (2.5, 97.5))
    return {
        "mean": round(float(values.mean()), 5),
        "low": round(float(low), 5),
        "high": round(float(high), 5),
    }
