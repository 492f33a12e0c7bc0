"""Residual blocks of one-dimensional convolutions over a beat, each halving it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.zoo.network import Network

CHANNELS = 24
BLOCKS = 4
WIDTH = 5
DENSE = 32


class Residual(nn.Module):
    """Two convolutions beside the signal itself, then the greater of every two samples.

    Args:
        channels: of the signal.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.Conv1d(channels, channels, WIDTH, padding=WIDTH // 2),
            nn.ReLU(),
            nn.Conv1d(channels, channels, WIDTH, padding=WIDTH // 2),
        )
        self.pool = nn.MaxPool1d(WIDTH, 2)

    def forward(self, signal: Tensor) -> Tensor:
        """Return the signal at half the rate, shape (n, channels, about half the samples)."""
        halved: Tensor = self.pool(torch.relu(self.inner(signal) + signal))
        return halved


class Cnn1d(nn.Module):
    """Logits of the classes of beats."""

    def __init__(self, leads: int, samples: int, classes: int) -> None:
        super().__init__()
        first = nn.Conv1d(leads, CHANNELS, WIDTH, 2, padding=WIDTH // 2)
        self.blocks = nn.Sequential(first, *(Residual(CHANNELS) for _ in range(BLOCKS)))
        with torch.no_grad():
            left = self.blocks(torch.zeros(1, leads, samples)).flatten(1).shape[1]
        self.classes = nn.Sequential(nn.Linear(left, DENSE), nn.ReLU(), nn.Linear(DENSE, classes))

    def forward(self, signal: Tensor) -> Tensor:
        """Return logits, shape (n, classes), of a signal of shape (n, leads, samples)."""
        logits: Tensor = self.classes(self.blocks(signal).flatten(1))
        return logits


def build(network: Network) -> nn.Module:
    """Return a new network for the leads, samples and labels of a row."""
    sees = network.sees
    return Cnn1d(sees.leads, sees.samples, len(network.labels))
