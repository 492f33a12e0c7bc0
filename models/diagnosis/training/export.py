"""Brings trained networks into one ONNX file: members averaged, temperature, probabilities."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.diagnosis.inputs import ABOUT, SAMPLES
from models.diagnosis.leads import STANDARD

OPSET = 17
HALF = 1024
"""Tables of at least so many weights are kept as 16-bit floats and computed with as 32-bit ones."""


class Ensemble(nn.Module):
    """The mean of the logits of several networks, brought to probabilities.

    Args:
        members: networks with the same outputs.
        outputs: the first so many of them are given out.
        temperature: what logits are divided by, one for all labels.
    """

    def __init__(
        self, members: Sequence[nn.Module], outputs: int, temperature: float = 1.0
    ) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.outputs = outputs
        self.temperature = temperature

    def forward(self, ecg: Tensor, mask: Tensor, about: Tensor) -> Tensor:
        """Return probabilities, shape (n, outputs)."""
        logits = torch.stack([member(ecg, mask, about) for member in self.members]).mean(dim=0)
        return torch.sigmoid(logits[:, : self.outputs] / self.temperature)


def to_onnx(network: nn.Module, *, samples: int = SAMPLES) -> bytes:
    """Return the ONNX file of a network: inputs ``ecg``, ``mask``, ``about``, any batch."""
    example = (
        torch.randn(1, len(STANDARD), samples),
        torch.ones(1, len(STANDARD)),
        torch.zeros(1, len(ABOUT)),
    )
    out = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter that needs no further package is marked as the older one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            example,
            out,  # type: ignore[arg-type]  # the older exporter writes to any stream
            input_names=["ecg", "mask", "about"],
            output_names=["probabilities"],
            dynamic_axes={name: {0: "n"} for name in ("ecg", "mask", "about", "probabilities")},
            opset_version=OPSET,
            dynamo=False,
        )
    return halved(out.getvalue())


def halved(model: bytes) -> bytes:
    """Return an ONNX file of half the size: large tables as 16-bit floats, cast when loaded."""
    import numpy as np  # noqa: PLC0415
    import onnx  # noqa: PLC0415
    from onnx import numpy_helper  # noqa: PLC0415

    held = onnx.load_from_string(model)
    casts = []
    for table in held.graph.initializer:
        values = numpy_helper.to_array(table)
        if values.dtype != np.float32 or values.size < HALF:
            continue
        name = table.name
        table.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
        casts.append(
            onnx.helper.make_node("Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT)
        )
    nodes = [*casts, *held.graph.node]
    del held.graph.node[:]
    held.graph.node.extend(nodes)
    onnx.checker.check_model(held)
    return bytes(held.SerializeToString())
