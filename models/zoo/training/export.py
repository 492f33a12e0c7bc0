"""Writes a trained network as ONNX, with what it is in the file's metadata, and checks it."""

from __future__ import annotations

import importlib
import io
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from models.zoo.data.examples import Floats, SplitData
from models.zoo.network import Network
from models.zoo.training.options import Run, TrainingOptions
from models.zoo.training.scaled import Answer
from models.zoo.training.trainer import TrainingError, fitting

OPSET = 17
TOLERANCE = 1e-4
"""Greatest difference between the answers of torch and of ONNX Runtime that is accepted."""
CHECKED = 64
"""Examples that both are asked about."""


@dataclass(frozen=True, slots=True)
class ExportedNetwork:
    """A network as a file.

    Attributes:
        model: bytes of the ONNX file.
        metadata: what stands in it, as text.
        difference: greatest absolute difference of an answer from torch's.
    """

    model: bytes
    metadata: Mapping[str, str]
    difference: float


def export(
    network: Network, run: Run, data: SplitData, options: TrainingOptions
) -> ExportedNetwork:
    """Return a trained network as ONNX.

    Its input ``signal`` has shape (n, leads, samples) in the unit of the examples, its output
    ``answer`` shape (n, labels): probabilities, or what the definition's ``finish`` makes.

    Args:
        network: what was trained.
        run: the training.
        data: what on.
        options: how.

    Raises:
        TrainingError: ONNX Runtime answers otherwise than torch.
    """
    answer, more = _answer(network, run, data)
    shape = (1, *data.train.inputs.shape[1:])
    metadata = {
        "network": network.name,
        "task": network.task,
        "labels": json.dumps(list(fitting(network, data).labels)),
        "fs": f"{network.sees.fs:g}",
        "samples": str(shape[2]),
        "leads": str(shape[1]),
        "split": data.name,
        "data": data.digest,
        "seed": str(options.seed),
        "epochs": str(run.best),
        "batch_size": str(run.batch_size),
        "learning_rate": f"{options.learning_rate:g}",
        **data.about,
        **options.about,
        **more,
    }
    model = to_onnx(answer, shape, metadata)
    difference = parity(answer, model, data.validation.inputs[:CHECKED])
    if difference > TOLERANCE:
        raise TrainingError(
            "{name}: the exported network answers otherwise than the trained one, by {difference}",
            name=network.name,
            difference=f"{difference:.2g}",
        )
    return ExportedNetwork(model, metadata, difference)


def _answer(network: Network, run: Run, data: SplitData) -> tuple[nn.Module, dict[str, str]]:
    definition = importlib.import_module(str(network.module))
    finish = getattr(definition, "finish", None)
    if finish is None:
        return Answer(run.module, network.recipe.loss).eval(), {}
    module, about = finish(network, run.module, data)
    return module.eval(), dict(about)


def to_onnx(module: nn.Module, shape: tuple[int, ...], metadata: Mapping[str, str]) -> bytes:
    """Return a module as a serialised ONNX model.

    Args:
        module: takes a tensor of that shape, whatever the first number, and returns one.
        shape: of the input, with one example.
        metadata: goes into the file.
    """
    file: Any = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter that needs nothing more than torch warns that another one is the default.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (torch.zeros(shape),),
            file,
            dynamo=False,
            opset_version=OPSET,
            input_names=["signal"],
            output_names=["answer"],
            dynamic_axes={"signal": {0: "n"}, "answer": {0: "n"}},
        )
    model = onnx.load_from_string(file.getvalue())
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def parity(module: nn.Module, model: bytes, inputs: Floats) -> float:
    """Return the greatest absolute difference between the answers of torch and ONNX Runtime."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        expected = module(torch.from_numpy(inputs)).numpy()
    found: Any = session.run(None, {"signal": inputs})[0]
    return float(np.abs(found - expected).max())
