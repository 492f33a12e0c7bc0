"""A residual network of 34 layers on 30 s of twelve leads at 500 Hz, for the nine labels.

After He et al. (CVPR 2016) in one dimension, as public projects use it on CPSC2018: 12 x 15000
samples, or any of the leads, one logit per label. About 16.6 million weights: trained by command,
not kept in the repository.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.diagnosis.leads import STANDARD
from models.diagnosis.networks.superclasses import standardised
from models.zoo.network import Network

FS = 500
"""Sampling rate that the network sees, Hz."""
SAMPLES = 15000
"""Samples of a window: 30 s; a shorter recording is filled with 0 ahead, a longer one cut."""
LAYERS = (3, 4, 6, 3)
"""Blocks per stage."""
KERNEL = 7


class BasicBlock(nn.Module):
    """Two convolutions and a short cut."""

    def __init__(self, inside: int, outside: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(inside, outside, KERNEL, stride, KERNEL // 2, bias=False),
            nn.BatchNorm1d(outside),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Conv1d(outside, outside, KERNEL, 1, KERNEL // 2, bias=False),
            nn.BatchNorm1d(outside),
        )
        self.short: nn.Module = nn.Identity()
        if stride > 1 or inside != outside:
            self.short = nn.Sequential(
                nn.Conv1d(inside, outside, 1, stride, bias=False), nn.BatchNorm1d(outside)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outside, samples / stride)."""
        return torch.relu(self.body(x) + self.short(x))


class ResNet34(nn.Module):
    """The network; takes the leads that it was made for, by their names.

    Args:
        outputs: number of labels.
        leads: names of those looked at.
        width: channels of the first stage; 64 as published.
        dropout: share left out within a block.
    """

    def __init__(
        self,
        outputs: int = 9,
        leads: Sequence[str] = STANDARD,
        width: int = 64,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.rows = [STANDARD.index(name) for name in leads]
        self.stem = nn.Sequential(
            nn.Conv1d(len(self.rows), width, 15, 2, 7, bias=False),
            nn.BatchNorm1d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool1d(3, 2, 1),
        )
        blocks, inside = [], width
        for stage, count in enumerate(LAYERS):
            outside = width * 2**stage
            for i in range(count):
                blocks.append(BasicBlock(inside, outside, 2 if stage and not i else 1, dropout))
                inside = outside
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(2 * inside, outputs)

    def forward(self, ecg: Tensor, *_: Tensor) -> Tensor:
        """Return logits, (n, outputs), of windows (n, 12, samples), and of nothing else."""
        x = self.blocks(self.stem(standardised(ecg[:, self.rows])))
        logits: Tensor = self.head(torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1))
        return logits


def build(network: Network) -> nn.Module:
    """Return a new network, as its row says."""
    return ResNet34(len(network.labels), **network.recipe.constants)
