# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators
"""Runs the tree ensembles of the network in compiled code, to the bit as onnxruntime sums them.

After QuickScorer (Lucchese 2015, doi:10.1145/2766462.2767733): a tree is not walked. Each of its
comparisons that goes right strikes out the leaves of its left side, for many beats at once, and the
first leaf that is left is where the walk would have ended. Nothing has to be guessed by a processor
that reads ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.compiled import lent, njit
from ecg_monitor.core.errors import SettingsError

Floats = npt.NDArray[np.float32]

MOST_LEAVES = 32
"""Leaves that a tree may have: each is a bit."""
_LANES = 16
"""Beats are compared in multiples of so many, as wide as processors are."""
_MOST_LANES = 64
_FEW = 4
"""So many beats are summed sooner one by one."""
_PLACES = 0x077CB531
"""A de Bruijn sequence: times each power of two, its highest five bits are another number."""
_WORD = (1 << MOST_LEAVES) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Tree ensembles as flat arrays: those of all ensembles one after the other.

    Attributes:
        ends: number of the first tree after those of each ensemble, shape (ensembles,).
        first: first comparison of each tree, and one past the last one, shape (trees + 1,).
        feature: column that is compared, shape (comparisons,).
        threshold: it goes left where the column is at most this, shape (comparisons,).
        kept: bit mask of the leaves that are left where it goes right, shape (comparisons,).
        values: of the leaves of each tree, at the place that `_PLACES` gives their bit, shape
            (trees, MOST_LEAVES).
    """

    ends: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int64]
    threshold: Floats
    kept: npt.NDArray[np.int32]
    values: Floats

    @classmethod
    def of(cls, ensembles: Sequence[Mapping[str, Any]]) -> Self:
        """Return ensembles that are given as attributes of ``TreeEnsembleRegressor`` of ONNX.

        Raises:
            SettingsError: they do what is not done here: other comparisons, several targets, a
                base value, too many leaves.
        """
        trees = _Trees()
        ends = []
        for attributes in ensembles:
            trees.take(attributes)
            ends.append(len(trees.values))
        return cls(
            np.array(ends, np.int64),
            np.array(trees.first, np.int64),
            np.array(trees.feature, np.int64),
            np.array(trees.threshold, np.float32),
            np.array(trees.kept, np.uint32).view(np.int32),
            np.array(trees.values, np.float32).reshape(-1, MOST_LEAVES),
        )

    def sums(self, features: Floats) -> Floats:
        """Return what each ensemble makes of beats.

        Args:
            features: shape (n, columns).

        Returns:
            the sum over its trees, float32, shape (ensembles, n).
        """
        sums = np.empty((len(self.ends), len(features)), np.float32)
        arrays = (self.first, self.feature, self.threshold, self.kept, self.values)
        run = _sum_few if len(features) <= _FEW else _sum_many
        run(np.ascontiguousarray(features), self.ends, *arrays, sums)
        return sums


class _Trees:
    """The trees of ensembles, one after the other."""

    def __init__(self) -> None:
        self.first = [0]
        self.feature: list[int] = []
        self.threshold: list[float] = []
        self.kept: list[int] = []
        self.values: list[Floats] = []

    def take(self, given: Mapping[str, Any]) -> None:
        """Add the trees of an ensemble, in the order of their numbers."""
        modes = set(given["nodes_modes"])
        plain = given.get("aggregate_function", b"SUM") == b"SUM" and given["n_targets"] == 1
        extra = {"base_values", "nodes_missing_value_tracks_true", "post_transform"} & set(given)
        if modes - {b"BRANCH_LEQ", b"LEAF"} or not plain or extra:
            raise SettingsError("beat weights: these trees are of a kind that is not run here")
        ids = zip(given["nodes_treeids"], given["nodes_nodeids"], strict=True)
        places = {one: place for place, one in enumerate(ids)}
        ends = zip(given["target_treeids"], given["target_nodeids"], strict=True)
        weights = dict(zip(ends, given["target_weights"], strict=True))
        for tree in sorted(set(given["nodes_treeids"])):
            leaves: list[float] = []
            self._descend(given, places, weights, (tree, 0), leaves)
            values = np.zeros(MOST_LEAVES, np.float32)
            for leaf, value in enumerate(leaves):
                values[(((1 << leaf) * _PLACES) & _WORD) >> 27] = value
            self.values.append(values)
            self.first.append(len(self.feature))

    def _descend(
        self,
        given: Mapping[str, Any],
        places: Mapping[tuple[int, int], int],
        weights: Mapping[tuple[int, int], float],
        node: tuple[int, int],
        leaves: list[float],
    ) -> None:
        """Add the comparisons below a node, and its leaves from left to right."""
        place = places[node]
        if given["nodes_modes"][place] == b"LEAF":
            if len(leaves) == MOST_LEAVES:
                raise SettingsError(f"beat weights: a tree has more than {MOST_LEAVES} leaves")
            leaves.append(weights[node])
            return
        low = len(leaves)
        left, right = ((node[0], given[f"nodes_{way}nodeids"][place]) for way in ("true", "false"))
        self._descend(given, places, weights, left, leaves)
        struck = (1 << len(leaves)) - (1 << low)
        self.feature.append(given["nodes_featureids"][place])
        self.threshold.append(given["nodes_values"][place])
        self.kept.append(_WORD & ~struck)
        self._descend(given, places, weights, right, leaves)


@njit
def _strike(columns, column, threshold, kept, left):
    """Strike out leaves of the beats whose value is not at most the threshold: nan is not."""
    for i in range(left.size):
        left[i] &= np.int32(-1) if columns[column, i] <= threshold else kept


@njit
def _place(left):
    """Return the place of the first leaf that is left in the values of its tree."""
    bit = np.uint32(left)
    bit &= ~bit + np.uint32(1)
    return ((bit * np.uint32(_PLACES)) & np.uint32(_WORD)) >> 27


@njit
def _sum_few(features, ends, first, feature, threshold, kept, values, sums):
    """Sum the trees of each ensemble in their order, in float32, beat by beat."""
    for row in range(features.shape[0]):
        tree = 0
        for ensemble in range(ends.size):
            total = np.float32(0.0)
            while tree < ends[ensemble]:
                left = np.int32(-1)
                for k in range(first[tree], first[tree + 1]):
                    left &= kept[k] | -np.int32(features[row, feature[k]] <= threshold[k])
                total += values[tree, _place(left)]
                tree += 1
            sums[ensemble, row] = total


@njit
def _sum_many(features, ends, first, feature, threshold, kept, values, sums):
    """Sum the trees as `_sum_few` does, comparison by comparison for many beats at once."""
    n = features.shape[0]
    lanes = min((n + _LANES - 1) // _LANES * _LANES, _MOST_LANES)
    columns = np.zeros((features.shape[1], lanes), np.float32)
    left = np.empty(lanes, np.int32)
    total = np.empty(lanes, np.float32)
    for start in range(0, n, lanes):
        count = min(lanes, n - start)
        for i in range(count):
            for j in range(features.shape[1]):
                columns[j, i] = features[start + i, j]
        _sum_lanes(
            *(columns, left, total, count, start),
            *(ends, first, feature, threshold, kept, values, sums),
        )


@njit
def _sum_lanes(
    columns, left, total, count, start, ends, first, feature, threshold, kept, values, sums
):
    """Sum the trees for ``count`` beats, whose features are the ``columns``."""
    columns, left, total = lent(columns), lent(left), lent(total)
    tree = 0
    for ensemble in range(ends.size):
        total[:] = np.float32(0.0)
        while tree < ends[ensemble]:
            left[:] = -1
            for k in range(first[tree], first[tree + 1]):
                _strike(columns, feature[k], threshold[k], kept[k], left)
            for i in range(left.size):
                total[i] += values[tree, _place(left[i])]
            tree += 1
        for i in range(count):
            sums[ensemble, start + i] = total[i]
