"""Convolutions find the waves of a beat, a bidirectional LSTM their order, attention what counts.

The convolutions halve the signal as they go, so that the LSTM takes 24 steps in place of 187:
what makes it trainable on a CPU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.zoo.network import Network

CHANNELS = (24, 32, 48)
HIDDEN = 40
DROPOUT = 0.2


class CnnBilstmAttention(nn.Module):
    """Logits of the classes of beats."""

    def __init__(self, leads: int, classes: int) -> None:
        super().__init__()
        first, second, third = CHANNELS
        self.waves = nn.Sequential(
            _block(leads, first, 7, stride=2),
            _block(first, second, 5, stride=2),
            _block(second, third, 5, stride=1),
            nn.MaxPool1d(2),
        )
        self.order = nn.LSTM(third, HIDDEN, batch_first=True, bidirectional=True)
        self.attend = nn.Sequential(nn.Linear(2 * HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
        self.drop = nn.Dropout(DROPOUT)
        self.classes = nn.Linear(2 * HIDDEN, classes)

    def forward(self, signal: Tensor) -> Tensor:
        """Return logits, shape (n, classes), of a signal of shape (n, leads, samples)."""
        weights, steps = self.attention(signal)
        logits: Tensor = self.classes(self.drop((weights * steps).sum(dim=1)))
        return logits

    def attention(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        """Return how much each step counts, (n, steps, 1), with sum 1, and what it holds.

        A step is eight samples; the second has shape (n, steps, features).
        """
        steps, _ = self.order(self.waves(signal).transpose(1, 2))
        return torch.softmax(self.attend(steps), dim=1), steps


def _block(before: int, after: int, width: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(before, after, width, stride, width // 2, bias=False),
        nn.BatchNorm1d(after),
        nn.ReLU(),
    )


def build(network: Network) -> nn.Module:
    """Return a new network for the leads and labels of a row."""
    return CnnBilstmAttention(network.sees.leads, len(network.labels))
