from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnx", reason="ONNX IS NOT INSTALLED: trees not held against others")

import onnx
import onnxruntime as ort

from ecg_monitor.core.errors import SettingsError
from models.beats.forest import MOST_LEAVES, Forest
from models.beats.graph import split

COLUMNS = 5
ROWS = 16
GRID = np.array([-np.inf, -1.5, -0.1, -0.0, 0.0, 0.1, 1.5, 3e38, np.inf, np.nan], np.float32)
"""Thresholds and values: so few that most comparisons meet a tie somewhere."""


class Ensemble:
    """Trees under construction, as attributes of ``TreeEnsembleRegressor``."""

    def __init__(self):
        self.attributes = {
            f"nodes_{name}": []
            for name in (
                "treeids", "nodeids", "featureids", "modes", "values", "truenodeids",
                "falsenodeids",
            )
        } | {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}  # fmt: skip
        self.trees = 0

    def grow(self, rng, leaves):
        """Add a tree of random shape."""
        nodes = [self._leaf()]
        while len(nodes) < 2 * leaves - 1:
            ends = [i for i, (mode, *_) in enumerate(nodes) if mode == "LEAF"]
            at = ends[rng.integers(len(ends))]
            column, threshold = rng.integers(COLUMNS), rng.choice(GRID[:-1])
            nodes[at] = ("BRANCH_LEQ", column, threshold, len(nodes), len(nodes) + 1)
            nodes += [self._leaf(), self._leaf()]
        for number, (mode, column, threshold, left, right) in enumerate(nodes):
            row = (self.trees, number, column, mode, threshold, left, right)
            for values, value in zip(list(self.attributes.values())[:7], row, strict=True):
                values.append(value)
            if mode == "LEAF":
                leaf = (self.trees, number, 0, rng.normal() * 10.0 ** rng.integers(-3, 4))
                for values, value in zip(list(self.attributes.values())[7:], leaf, strict=True):
                    values.append(value)
        self.trees += 1

    @staticmethod
    def _leaf():
        return ("LEAF", 0, 0.0, 0, 0)

    def model(self, **more):
        node = onnx.helper.make_node(
            "TreeEnsembleRegressor",
            ["features"],
            ["sums"],
            domain="ai.onnx.ml",
            n_targets=1,
            **self.attributes,
            **more,
        )
        tensor = onnx.helper.make_tensor_value_info
        graph = onnx.helper.make_graph(
            [node],
            "trees",
            [tensor("features", onnx.TensorProto.FLOAT, [ROWS, COLUMNS])],
            [tensor("sums", onnx.TensorProto.FLOAT, [ROWS, 1])],
        )
        opsets = [onnx.helper.make_opsetid(*one) for one in (("", 17), ("ai.onnx.ml", 3))]
        return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.lists(st.integers(1, MOST_LEAVES), min_size=1, max_size=100),
    ties=st.floats(0, 1),
)
def test_sums_are_those_of_onnxruntime_to_the_bit(seed, sizes, ties):
    rng = np.random.default_rng(seed)
    ensemble = Ensemble()
    for leaves in sizes:
        ensemble.grow(rng, leaves)
    features = rng.normal(0, 1, (ROWS, COLUMNS)).astype(np.float32)
    tied = rng.random(features.shape) < ties
    features[tied] = rng.choice(GRID, np.count_nonzero(tied))
    model = ensemble.model()
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    (said,) = session.run(None, {"features": features})
    forest = Forest.of(split(model, ROWS).ensembles)
    assert np.array_equal(forest.sums(features)[0], said[:, 0])
    assert np.array_equal(forest.sums(features[:3])[0], said[:3, 0])


def test_a_beat_is_summed_alone_however_many_others_there_are():
    rng = np.random.default_rng(1)
    ensemble = Ensemble()
    for _ in range(30):
        ensemble.grow(rng, 12)
    forest = Forest.of(split(ensemble.model(), ROWS).ensembles * 2)
    features = rng.normal(0, 1, (150, COLUMNS)).astype(np.float32)
    together = forest.sums(features)
    assert together.shape == (2, 150)
    assert np.array_equal(together[0], together[1])
    assert len(np.unique(together[0])) > 75
    for count in (1, 4, 5, 16, 17, 64, 65):
        assert np.array_equal(forest.sums(features[:count]), together[:, :count])
    assert forest.sums(features[:0]).shape == (2, 0)


@pytest.mark.parametrize(
    ("leaves", "more"),
    [
        (3, {"aggregate_function": "MAX"}),
        (3, {"base_values": [1.0]}),
        (3, {"post_transform": "LOGISTIC"}),
        (3, {"nodes_missing_value_tracks_true": [1, 1, 1, 1, 1]}),
    ],
)
def test_trees_of_another_kind_are_refused(leaves, more):
    ensemble = Ensemble()
    ensemble.grow(np.random.default_rng(2), leaves)
    with pytest.raises(SettingsError, match="of a kind"):
        Forest.of(split(ensemble.model(**more), ROWS).ensembles)


def test_a_tree_of_too_many_leaves_is_refused():
    ensemble = Ensemble()
    ensemble.grow(np.random.default_rng(3), MOST_LEAVES + 1)
    with pytest.raises(SettingsError, match="leaves"):
        Forest.of(split(ensemble.model(), ROWS).ensembles)
