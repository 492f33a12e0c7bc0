"""Gradient-boosted trees that separate early supraventricular beats (S) from the others (N).

Friedman 2001, doi:10.1214/aos/1013203451, as LightGBM grows them (Ke 2017, NeurIPS 30). Where it
is known which way a feature must point (an earlier beat is never less likely to be S), the trees
are held to it: records rich in S are few, and what they teach beyond that does not carry over.
"""

# The compiled function: its argument types are arrays that numba infers.
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import njit
from models.beats.columns import FEATURES, HIDDEN_FEATURES, LATE_FEATURES, P_FEATURES

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

TIMING_FEATURES: tuple[str, ...] = (
    "log_rr", "log_next", "has_rr", "has_next", "log_rr_last",
    "log_next_rr", "log_pair",
    *P_FEATURES,
    "change_mean", "change_median", "change_rms", "change_large", "entropy", "spread",
    "log_rr_upper", "log_next_upper", "log_range",
    *HIDDEN_FEATURES,
    *LATE_FEATURES,
)  # fmt: skip
"""Features of the trees. They have no likeness to recent beats, no rank, no median: where early
beats are the majority these call them usual. A mean is pulled up by the pauses between them, and
late beats stay sinus beats."""
DIRECTIONS = {
    "log_rr": -1,
    "log_rr_upper": -1,
    "log_rr_last": -1,
    "log_next_rr": 1,
    "change_median": -1,
    "late_corr": -1,
    "late_best": -1,
    "late_residual": 1,
    "hidden_rms": 1,
}
"""Direction in which the odds of S may go when the feature grows."""


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """Settings of the trees. The values were chosen on record-grouped folds of DS1."""

    rounds: int = 180
    """Largest number of trees."""
    step: int = 30
    """Numbers of trees that the folds choose from: multiples of this."""
    rate: float = 0.05
    leaves: int = 12
    least: int = 200
    """Beats in a leaf."""
    ridge: float = 20.0
    columns: float = 0.6
    rows: float = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Grown trees as flat arrays: node k of all nodes; children and roots are indices of nodes.

    Attributes:
        roots: first node of each tree.
        feature: column compared, index into `columns.FEATURES`; -1 at a leaf.
        threshold: go left when the column is at most this; float32.
        left: node to go to then.
        right: node to go to otherwise.
        value: what a leaf adds to the log odds of S; float32.
    """

    roots: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int64]
    threshold: Floats
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    value: Floats

    def sums(self, features: Floats, step: int) -> Iterator[Doubles]:
        """Yield the log odds of S after ``step`` trees, twice as many, and so on; shape (n,)."""
        total = np.zeros(len(features))
        arrays = (self.feature, self.threshold, self.left, self.right, self.value)
        for first in range(0, len(self.roots) - step + 1, step):
            _walk(np.asarray(features), self.roots[first : first + step], *arrays, total)
            yield total.copy()

    def log_odds(self, features: Floats) -> Doubles:
        """Return the log odds of S after all trees, shape (n,)."""
        (total,) = self.sums(features, len(self.roots))
        return total

    def first(self, count: int) -> Trees:
        """Return only the first ``count`` trees."""
        end = self.roots[count] if count < len(self.roots) else len(self.feature)
        arrays = (self.feature, self.threshold, self.left, self.right, self.value)
        return Trees(self.roots[:count], *(values[:end] for values in arrays))  # type: ignore[arg-type]


@njit
def _walk(features, roots, feature, threshold, left, right, value, total):
    """Add to ``total`` the values of the trees with these roots for each row."""
    for row in range(len(features)):
        for root in roots:
            node = root
            while feature[node] >= 0:
                if features[row, feature[node]] <= threshold[node]:
                    node = left[node]
                else:
                    node = right[node]
            total[row] += value[node]


def grow(
    features: Floats,
    early: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.floating],
    settings: TreeSettings,
    seed: int,
) -> Trees:
    """Grow trees.

    Args:
        features: `columns.FEATURES` of supraventricular beats, shape (n, N_FEATURES).
        early: which are S, shape (n,).
        weights: what each counts for, shape (n,).
        settings: how.
        seed: of the draws of beats and columns.
    """
    import lightgbm  # noqa: PLC0415  (for training only)

    columns = [FEATURES.index(name) for name in TIMING_FEATURES]
    given = lightgbm.Dataset(
        features[:, columns],
        early.astype(np.float64),
        weight=weights,
        params={"max_bin": 63, "verbose": -1, "num_threads": 1},
    )
    booster = lightgbm.train(
        {
            "objective": "binary",
            "learning_rate": settings.rate,
            "num_leaves": settings.leaves,
            "min_data_in_leaf": settings.least,
            "lambda_l2": settings.ridge,
            "feature_fraction": settings.columns,
            "bagging_fraction": settings.rows,
            "bagging_freq": 1,
            "monotone_constraints": [DIRECTIONS.get(name, 0) for name in TIMING_FEATURES],
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "max_bin": 63,
            "verbose": -1,
        },
        given,
        settings.rounds,
    )
    return _flatten(booster.dump_model()["tree_info"], columns)


def _flatten(trees: list[dict[str, Any]], columns: list[int]) -> Trees:
    feature: list[int] = []
    threshold: list[np.float32] = []
    left: list[int] = []
    right: list[int] = []
    value: list[float] = []

    def add(node: dict[str, Any]) -> int:
        here = len(feature)
        leaf = "leaf_value" in node
        feature.append(-1 if leaf else columns[node["split_feature"]])
        threshold.append(np.float32(0.0) if leaf else _at_most(node["threshold"]))
        value.append(node["leaf_value"] if leaf else 0.0)
        left.append(here)
        right.append(here)
        if not leaf:
            left[here] = add(node["left_child"])
            right[here] = add(node["right_child"])
        return here

    roots = [add(tree["tree_structure"]) for tree in trees]
    return Trees(
        roots=np.array(roots, np.int64),
        feature=np.array(feature, np.int64),
        threshold=np.array(threshold, np.float32),
        left=np.array(left, np.int64),
        right=np.array(right, np.int64),
        value=np.array(value, np.float32),
    )


def _at_most(threshold: float) -> np.float32:
    """Round down, so that a float32 is at most the one exactly when it is at most the other."""
    near = np.float32(threshold)
    return near if near <= threshold else np.nextafter(near, np.float32(-np.inf))
