"""Released weights as a torch network again: gradients need one, and what is shipped is ONNX.

The export has folded each normalisation into the convolution before it. The folded weights go into
the convolution, what was added into the normalisation, whose own scaling is made neutral. Layers
are met in the order in which a signal passes them, which is the order of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ecg_monitor.core.errors import EcgMonitorError

LAYERS = (nn.Conv1d, nn.ConvTranspose1d, nn.Linear, nn.LSTM, nn.BatchNorm1d)
GATES = (0, 2, 3, 1)
"""ONNX keeps the gates of an LSTM as input, output, forget, cell; torch wants input, forget, cell,
output (operator LSTM of the ONNX standard; `torch.nn.LSTM`)."""
Table = npt.NDArray[np.float32]


class ThawError(EcgMonitorError):
    """A graph does not hold the network that it should fill."""


def tables(model: bytes) -> tuple[Any, Mapping[str, Table]]:
    """Return the nodes of an ONNX file and its tables by name, those kept as 16 bits included."""
    import onnx  # noqa: PLC0415  # of the extra for training

    graph = onnx.load_from_string(model).graph
    held = {
        one.name: np.array(onnx.numpy_helper.to_array(one), np.float32)
        for one in graph.initializer
        if one.data_type in (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)
    }
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in held:
            held[node.output[0]] = held[node.input[0]]
    return graph.node, held


def fill(network: nn.Module, model: bytes, run: Callable[[], object]) -> None:
    """Give a network the weights of an ONNX file.

    Args:
        network: newly built, of the definition that was exported.
        model: bytes of the file.
        run: passes any signal through the network, once.

    Raises:
        ThawError: a layer has no counterpart of its shape in the file.
    """
    nodes, held = tables(model)
    found = {
        kind: _of_kind(nodes, held, kind) for kind in ("Conv", "ConvTranspose", "Linear", "LSTM")
    }
    layers = _called(network, run)
    with torch.no_grad():
        for at, layer in enumerate(layers):
            after = layers[at + 1] if at + 1 < len(layers) else None
            match layer:
                case nn.ConvTranspose1d():
                    _set(layer, *_next(found["ConvTranspose"], layer))
                case nn.Conv1d():
                    weight, bias = _next(found["Conv"], layer)
                    if layer.bias is None and isinstance(after, nn.BatchNorm1d):
                        _put(layer.weight, weight)
                        _neutral(after)
                        _put(after.bias, bias)
                    else:
                        _set(layer, weight, bias)
                        if isinstance(after, nn.BatchNorm1d):
                            _neutral(after)
                case nn.Linear():
                    _set(layer, *_next(found["Linear"], layer))
                case nn.LSTM():
                    for level in range(layer.num_layers):
                        _recurrent(layer, level, next(found["LSTM"], ()))


def _called(network: nn.Module, run: Callable[[], object]) -> list[nn.Module]:
    """Return the layers in the order in which a signal passes them."""
    order: list[nn.Module] = []
    hooks = [
        layer.register_forward_hook(lambda module, *_: order.append(module))
        for layer in network.modules()
        if isinstance(layer, LAYERS)
    ]
    with torch.no_grad():
        run()
    for hook in hooks:
        hook.remove()
    return order


def _of_kind(nodes: Any, held: Mapping[str, Table], kind: str) -> Iterator[tuple[Table, ...]]:
    for node in nodes:
        named = [held[name] for name in node.input if name in held]
        if kind == "Linear" and node.op_type == "Gemm":
            turned = any(one.name == "transB" and one.i for one in node.attribute)
            yield (named[0] if turned else named[0].T, named[1])
        elif kind == "Linear" and node.op_type == "MatMul" and named:
            added = [n for n in nodes if n.op_type == "Add" and node.output[0] in n.input]
            bias = [held[name] for n in added for name in n.input if name in held]
            yield (named[0].T, *bias[:1])
        elif node.op_type == kind:
            yield tuple(named)


def _next(found: Iterator[tuple[Table, ...]], layer: Any) -> tuple[Table, ...]:
    for values in found:
        if values[0].shape == tuple(layer.weight.shape):
            return values if len(values) > 1 else (values[0], np.zeros(len(values[0]), np.float32))
    raise ThawError(
        "the file holds no weights of shape {shape}: it is of another network",
        shape=tuple(layer.weight.shape),
    )


def _put(target: Tensor, values: Table) -> None:
    if tuple(target.shape) != values.shape:
        raise ThawError(
            "the file has {found} where the network has {wanted}: it is of another network",
            found=values.shape,
            wanted=tuple(target.shape),
        )
    target.copy_(torch.from_numpy(np.array(values)))


def _set(layer: Any, weight: Table, bias: Table) -> None:
    _put(layer.weight, weight)
    if layer.bias is not None:
        _put(layer.bias, bias)


def _neutral(norm: nn.BatchNorm1d) -> None:
    """Make a normalisation pass what comes as it is."""
    norm.reset_parameters()
    if norm.running_var is not None:
        norm.running_var.fill_(1.0 - norm.eps)


def _recurrent(layer: nn.LSTM, level: int, values: tuple[Table, ...]) -> None:
    if len(values) < 3:
        raise ThawError("the file holds too few LSTM layers: it is of another network")
    for direction, ending in enumerate(("", "_reverse")[: 2 if layer.bidirectional else 1]):
        biases = np.split(values[2][direction], 2)
        for name, table in (
            ("weight_ih", values[0][direction]),
            ("weight_hh", values[1][direction]),
            ("bias_ih", biases[0]),
            ("bias_hh", biases[1]),
        ):
            gates = np.split(table, 4)
            turned = np.concatenate([gates[at] for at in GATES])
            _put(getattr(layer, f"{name}_l{level}{ending}"), turned)
