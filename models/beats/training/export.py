"""Writes trained networks as one ONNX graph: an ensemble with its calibration.

The graph is put together by hand from a dozen plain operators. It needs no tracing exporter, is
the same for the same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from models.beats.columns import N_FEATURES
from models.beats.network import CLIP, N_CLASSES
from models.beats.training.calibration import Calibration
from models.beats.training.members import Member
from models.beats.training.trees import Trees

OPSET = 17
TREES_DOMAIN, TREES_OPSET = "ai.onnx.ml", 3
BATCH = 16
"""Beats per run of the graph. Fixed, and short batches are padded: so a beat's result cannot
depend on how many others there are."""


class _Graph:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: npt.NDArray[np.generic]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def floats(self, value: npt.ArrayLike) -> str:
        return self.constant(np.ascontiguousarray(value, np.float32))

    def ints(self, *value: int) -> str:
        return self.constant(np.array(value, np.int64))

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name


def to_onnx(members: Sequence[Member], calibration: Calibration) -> bytes:
    """Return the ensemble as a serialised ONNX model.

    Input ``features`` (BATCH, N_FEATURES); output ``log_probabilities`` (BATCH, 4): the
    members' mean, calibrated.
    """
    graph = _Graph()
    outputs = [_member(graph, member) for member in members]
    mean = outputs[0]
    for output in outputs[1:]:
        mean = graph.add("Add", mean, output)
    scaled = graph.add("Mul", mean, graph.floats(calibration.sharpness / len(members)))
    shifted = graph.add("Add", scaled, graph.floats(calibration.offsets))
    graph.add("LogSoftmax", shifted, axis=1, output="log_probabilities")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "beats",
            [_tensor("features", BATCH, N_FEATURES)],
            [_tensor("log_probabilities", BATCH, N_CLASSES)],
            graph.constants,
        ),
        opset_imports=[
            helper.make_opsetid("", OPSET),
            helper.make_opsetid(TREES_DOMAIN, TREES_OPSET),
        ],
        ir_version=9,
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _tensor(name: str, *shape: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _member(graph: _Graph, member: Member) -> str:
    net = member.origin.eval()
    centred = graph.add("Sub", "features", graph.floats(net.mean.numpy()))
    scaled = graph.add("Mul", centred, graph.floats(1.0 / net.scale.numpy()))
    standard = graph.add("Clip", scaled, graph.floats(-CLIP), graph.floats(CLIP))
    chosen = graph.add("Gather", standard, graph.constant(net.columns.numpy()), axis=1)
    origin = graph.add("LogSoftmax", _decide(graph, chosen, net.layers), axis=1)
    timing = _grow(graph, member.timing)
    # (0, t) through log-softmax is (log P(N), log P(S)) within the supraventricular beats.
    both = graph.add("Concat", graph.add("Sub", timing, timing), timing, axis=1)
    split = graph.add("LogSoftmax", both, axis=1)
    above = graph.add("Slice", origin, graph.ints(0), graph.ints(1), graph.ints(1))
    rest = graph.add("Slice", origin, graph.ints(1), graph.ints(3), graph.ints(1))
    return graph.add("Concat", graph.add("Add", above, split), rest, axis=1)


def _grow(graph: _Graph, trees: Trees) -> str:
    """Add a tree ensemble; nodes are numbered within their tree."""
    sizes = np.diff(np.append(trees.roots, len(trees.feature)))
    tree = np.repeat(np.arange(len(trees.roots)), sizes)
    first = np.repeat(trees.roots, sizes)
    node = np.arange(len(first)) - first
    leaf = trees.feature < 0
    return graph.add(
        "TreeEnsembleRegressor",
        "features",
        domain=TREES_DOMAIN,
        nodes_treeids=tree.tolist(),
        nodes_nodeids=node.tolist(),
        nodes_featureids=np.maximum(trees.feature, 0).tolist(),
        nodes_modes=["LEAF" if end else "BRANCH_LEQ" for end in leaf],
        nodes_values=trees.threshold.tolist(),
        nodes_truenodeids=np.where(leaf, 0, trees.left - first).tolist(),
        nodes_falsenodeids=np.where(leaf, 0, trees.right - first).tolist(),
        target_treeids=tree[leaf].tolist(),
        target_nodeids=node[leaf].tolist(),
        target_ids=[0] * int(leaf.sum()),
        target_weights=trees.value[leaf].tolist(),
        n_targets=1,
        aggregate_function="SUM",
    )


def _decide(graph: _Graph, inputs: str, layers: nn.Sequential) -> str:
    for layer in layers:
        if isinstance(layer, nn.Linear):
            weight = graph.floats(layer.weight.detach().numpy())
            bias = graph.floats(layer.bias.detach().numpy())
            inputs = graph.add("Gemm", inputs, weight, bias, transB=1)
        elif isinstance(layer, nn.ReLU):
            inputs = graph.add("Relu", inputs)
    return inputs
