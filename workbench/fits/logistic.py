"""Logistic regression by Newton's method: fits the few weights that some rules carry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def fit(
    features: FloatArray, truth: npt.NDArray[np.bool_], weight: FloatArray, ridge: float = 1e-3
) -> tuple[FloatArray, float]:
    """Fit weights and intercept.

    Args:
        features: shape (n, k).
        truth: shape (n,).
        weight: how much each row counts, shape (n,).
        ridge: penalty on the squared weights of the standardized features.

    Returns:
        weights of the raw features, shape (k,), and the intercept.
    """
    mean, scale = features.mean(axis=0), features.std(axis=0)
    rows = np.column_stack([(features - mean) / scale, np.ones(len(features))])
    share = weight / weight.sum()
    penalty = np.full(rows.shape[1], ridge)
    penalty[-1] = 0.0
    beta = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = 1.0 / (1.0 + np.exp(-rows @ beta))
        gradient = rows.T @ (share * (chance - truth)) + penalty * beta
        curvature = (rows * (share * chance * (1.0 - chance))[:, None]).T @ rows
        beta -= np.linalg.solve(curvature + np.diag(penalty + 1e-9), gradient)
    weights: FloatArray = beta[:-1] / scale
    return weights, float(beta[-1] - weights @ mean)
