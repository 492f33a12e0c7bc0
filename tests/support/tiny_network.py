"""A network of a few weights and data that it learns at once, for tests of the trainer."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from models.zoo.data.examples import Examples, SplitData
from models.zoo.network import Network, NetworkInput, Recipe

SAMPLES = 16
LABELS = ("low", "high")
LARGEST_BATCH = 8
"""Examples that `Hungry` has memory for."""


def row(module: str = "tests.support.tiny_network", **recipe: object) -> Network:
    """The row of a tiny network, with what a recipe has besides."""
    usual = {"epochs": 3, "batch_size": 16, "learning_rate": 1e-2, "patience": 0}
    return Network(
        name="tiny",
        task="beat",
        title="tiny",
        sees=NetworkInput(100.0, SAMPLES),
        labels=LABELS,
        citation="none",
        module=module,
        data="tests.support.tiny_network",
        recipe=Recipe(**{**usual, **recipe}),
    )


def examples(count: int, seed: int) -> Examples:
    """Ramps that fall or rise, in noise; all values around 1000."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, 2, count)
    ramp = np.linspace(-1.0, 1.0, SAMPLES)
    signals = (
        1000.0 + 5.0 * (2 * targets[:, None] - 1) * ramp + random.normal(size=(count, SAMPLES))
    )
    return Examples(signals[:, None].astype(np.float32), targets, np.full(count, "a"))


def data(count: int = 65) -> SplitData:
    """Training, validation and test part."""
    return SplitData(
        "mixed", LABELS, examples(count, 1), examples(20, 2), examples(30, 3), "0123456789abcdef"
    )


class Tiny(nn.Module):
    """One hidden layer with dropout, which draws from the random state."""

    def __init__(self, samples: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(samples, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, classes)
        )

    def forward(self, signal: Tensor) -> Tensor:
        """Return logits."""
        if self.training and len(signal) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self.layers(signal)

    room = 10**9


def build(network: Network) -> nn.Module:
    """Return a new network."""
    made = Tiny(network.sees.samples * network.sees.leads, len(network.labels))
    if network.recipe.constants.get("hungry"):
        made.room = LARGEST_BATCH
    return made
