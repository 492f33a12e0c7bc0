"""A network with its released weights, ready to be asked why: prepared input, logits, layers."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models.diagnosis import release
from models.diagnosis.networks import compact
from models.diagnosis.networks.superclasses import standardised
from models.zoo import registry, weights
from models.zoo.modules import hybrid_autoencoder
from models.zoo.network import Network
from models.zoo.training.scaled import ScaledNetwork
from workbench.explain_networks import thawed

Floats = npt.NDArray[np.float32]
TOLERANCE = 1e-3
"""Greatest difference between the answers of the filled network and of the shipped file that is
accepted; tables kept as 16 bits are the same in both."""


class CoreNetwork(nn.Module):
    """The part of a network after its own scaling, as a module: what is explained.

    Scaling each lead to its own size makes a network blind to size, so that an explanation of the
    raw signal would look for a slope where there is none.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, seen: Tensor, *beside: Tensor) -> Tensor:
        """Return logits, shape (n, labels), of prepared signals."""
        logits: Tensor = self.network.judged(seen, *beside)
        return logits


@dataclass(frozen=True, slots=True)
class Subject:
    """A network that can be explained.

    Attributes:
        name: as the registry has it.
        labels: of its outputs.
        network: from prepared signals to logits, or for an autoencoder to what it rebuilds.
        prepare: from a signal, shape (n, leads, samples), to what the network sees and what it is
            told beside.
        convolution: the last convolution, None where there is none.
    """

    name: str
    labels: tuple[str, ...]
    network: nn.Module
    prepare: Callable[[Tensor], tuple[Tensor, ...]]
    convolution: nn.Module | None

    def answers(self, signal: Floats) -> Floats:
        """Return the logits of signals, shape (n, labels)."""
        with torch.no_grad():
            found: Floats = self.network(*self.prepare(torch.from_numpy(signal))).numpy()
        return found


def load(name: str, split: str = "") -> Subject:
    """Return a network of the registry with its released weights.

    Args:
        name: of the network.
        split: whose weights; empty: the first that are shipped.

    Raises:
        UnknownNetworkError: there is none of that name.
        WeightsError: none are shipped, or the file is damaged.
        ThawError: the file and the definition do not fit, or answer differently.
    """
    if name == release.DEFAULT:
        return _ours()
    row = registry.network(name)
    path = weights.released(row, split)
    shipped = weights.load(path, row)
    row = replace(row, labels=shipped.labels)
    network: nn.Module = importlib.import_module(str(row.module)).build(row).eval()
    signal = torch.randn(2, row.sees.leads, row.sees.samples)
    model = path.read_bytes()
    thawed.fill(network, model, lambda: network(signal))
    _, held = thawed.tables(model)
    scaled = ScaledNetwork(network, held["scaled.mean"][:, 0], held["scaled.spread"][:, 0]).eval()
    if row.task == "beat-anomaly":
        score = hybrid_autoencoder.Score(scaled, row.sees.samples).eval()
        score.known = torch.from_numpy(held["known"])
        score.threshold = torch.from_numpy(held["threshold"])
        _agree(name, score(signal), shipped.answers(signal.numpy()))
        return Subject(name, row.labels, score, lambda one: (one,), None)
    subject = _of_zoo(row, network, scaled)
    several = row.recipe.loss == "labels"
    logits = torch.from_numpy(subject.answers(signal.numpy()))
    chances = torch.sigmoid(logits) if several else torch.softmax(logits, dim=1)
    _agree(name, chances, shipped.answers(signal.numpy()))
    return subject


def _of_zoo(row: Network, network: nn.Module, scaled: ScaledNetwork) -> Subject:
    if hasattr(network, "judged"):
        return Subject(
            row.name,
            row.labels,
            CoreNetwork(network).eval(),
            lambda signal: (standardised(scaled.scaled(signal)),),
            last_convolution(network),
        )
    return Subject(
        row.name,
        row.labels,
        network,
        lambda signal: (scaled.scaled(signal),),
        last_convolution(network),
    )


def _ours() -> Subject:
    """Return the project's network of twelve leads, asked without voltages, age and sex.

    Their lack costs it next to nothing (see its model card), and recordings with and without
    voltages are explained alike.
    """
    from models.diagnosis.inference import DiagnosisNetwork  # noqa: PLC0415

    manifest, model = release.read()
    _, held = thawed.tables(model)
    outputs = next(len(held[name]) for name in held if name.endswith("head.bias"))
    network: Any = compact.CompactNet(outputs).eval()
    given = torch.randn(2, 12, 1000), torch.ones(2, 12), torch.zeros(2, 5)
    thawed.fill(network, model, lambda: network(*given))

    def prepare(signal: Tensor) -> tuple[Tensor, ...]:
        mask = (signal.abs().amax(dim=2) > 0).float()
        return compact.scaled(signal, mask, torch.zeros(len(signal), 5))

    subject = Subject(
        release.DEFAULT,
        manifest.labels,
        CoreNetwork(network).eval(),
        prepare,
        last_convolution(network.stages[-1].body),
    )
    logits = torch.from_numpy(subject.answers(given[0].numpy()))[:, : len(manifest.labels)]
    shipped = DiagnosisNetwork(manifest, model).answers(*(one.numpy() for one in given))
    _agree(release.DEFAULT, torch.sigmoid(logits / _temperature(model)), shipped)
    return subject


def _temperature(model: bytes) -> float:
    """Return what logits are divided by: the last number that the graph divides by."""
    import onnx  # noqa: PLC0415  # of the extra for training

    graph = onnx.load_from_string(model).graph
    last = [node for node in graph.node if node.op_type == "Div"][-1]
    made = next(node for node in graph.node if node.output[0] == last.input[1])
    return float(onnx.numpy_helper.to_array(made.attribute[0].t))


def _agree(name: str, ours: Tensor, shipped: npt.NDArray[np.floating]) -> None:
    difference = float(np.abs(ours.detach().numpy() - shipped).max())
    if not difference <= TOLERANCE:
        raise thawed.ThawError(
            "{name}: the filled network answers otherwise than the shipped one, by {difference}",
            name=name,
            difference=f"{difference:.2g}",
        )


def last_convolution(network: nn.Module) -> nn.Module | None:
    """Return the last one-dimensional convolution of a network, None if it has none."""
    found = [one for one in network.modules() if isinstance(one, nn.Conv1d)]
    return found[-1] if found else None
