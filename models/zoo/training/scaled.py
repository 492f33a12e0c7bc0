"""A network with the scaling of its input inside: neither goes anywhere without the other."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from models.zoo.data.examples import Floats
from models.zoo.network import Loss

LEAST_SPREAD = 1e-6
"""Spread below which a lead counts as flat and is not stretched, in the unit of the input."""


class ScaledNetwork(nn.Module):
    """Brings each lead to zero mean and unit spread over the training part, then asks a network."""

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, inner: nn.Module, mean: Floats, spread: Floats) -> None:
        """Put a scaler before a network.

        Args:
            inner: takes and returns what `forward` does.
            mean: of each lead, shape (leads,).
            spread: standard deviation of each lead, shape (leads,).
        """
        super().__init__()
        self.inner = inner
        self.register_buffer("mean", torch.from_numpy(mean.astype(np.float32))[:, None])
        self.register_buffer("spread", torch.from_numpy(spread.astype(np.float32))[:, None])

    @classmethod
    def fitted(cls, inner: nn.Module, inputs: Floats) -> ScaledNetwork:
        """Put a scaler before a network that is fitted to inputs, shape (n, leads, samples)."""
        mean = inputs.mean(axis=(0, 2), dtype=np.float64)
        spread = inputs.std(axis=(0, 2), dtype=np.float64)
        spread[spread < LEAST_SPREAD] = 1.0
        return cls(inner, mean.astype(np.float32), spread.astype(np.float32))

    def scaled(self, signal: torch.Tensor) -> torch.Tensor:
        """Return the signal as the network sees it, shape (n, leads, samples)."""
        return (signal - self.mean) / self.spread

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        """Return what the network says of a signal, shape (n, leads, samples)."""
        said: torch.Tensor = self.inner(self.scaled(signal))
        return said


class Answer(nn.Module):
    """What is exported: probabilities in place of the logits that are trained."""

    def __init__(self, scaled: ScaledNetwork, loss: Loss) -> None:
        super().__init__()
        self.scaled = scaled
        self.several = loss == "labels"

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        """Return the probability of each label, shape (n, labels)."""
        logits = self.scaled(signal)
        return torch.sigmoid(logits) if self.several else torch.softmax(logits, dim=1)
