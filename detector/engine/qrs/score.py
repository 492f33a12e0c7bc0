# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, no-check-untyped-defs
"""A small network's verdict on the features of a peak: one hidden layer, a few hundred weights.

The weights are code (`detector.engine.qrs.weights`, written by `workbench.training.qrs`), since
compiled functions hold them as constants and the compile cache follows the text of the modules.
"""

from __future__ import annotations

import math

import numpy as np

from detector.engine.qrs import weights as qrs_weights
from ecg_monitor.core.compiled import njit

W1 = np.array(qrs_weights.W1)
"""Hidden layer, shape (hidden, features)."""
B1 = np.array(qrs_weights.B1)
"""Bias of the hidden layer, shape (hidden,)."""
W2 = np.array(qrs_weights.W2)
"""Output layer and, last, its bias; shape (hidden + 1,)."""


@njit
def verdict(x, w1, b1, w2):
    """Return the log odds that features ``x`` are those of a QRS complex."""
    odds = w2[b1.shape[0]]
    for j in range(b1.shape[0]):
        total = b1[j]
        for i in range(x.shape[0]):
            total += w1[j, i] * x[i]
        odds += w2[j] * math.tanh(total)
    return odds
