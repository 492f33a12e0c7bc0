"""The project's own network: a small residual network of any of twelve leads, many labels at once.

A residual network with squeeze and excitation (He et al. 2016; Hu et al. 2018) on 12 x 1000
samples, a stem as of xresnet (He et al. 2019). The scaling is part of the network: limb leads are
divided by their common size, so that the axis stays, chest leads each by its own; how large they
were in mV goes in beside, if voltages are known.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.diagnosis.inputs import ABOUT
from models.diagnosis.leads import LIMB, STANDARD

CHEST = len(STANDARD) - LIMB
TOLD = 1 + CHEST + len(STANDARD) + len(ABOUT)
"""Numbers beside the signal: sizes of limb and chest leads, which leads there are, `ABOUT`."""
SMALLEST = 1e-4
"""Least size of a lead that it is divided by."""


def scaled(ecg: Tensor, mask: Tensor, about: Tensor) -> tuple[Tensor, Tensor]:
    """Return the leads without their sizes, and what is told beside them.

    Args:
        ecg: shape (n, 12, samples), 0 after the end of a short recording.
        mask: 1 for leads that are there, shape (n, 12).
        about: as of `models.diagnosis.inputs.about`, shape (n, 5).

    Returns:
        Shapes, as ``ecg``; numbers, (n, TOLD).
    """
    ecg = ecg * mask[:, :, None]
    filled = (ecg.abs().sum(dim=1, keepdim=True) > 0).float()
    length = filled.sum(dim=2).clamp(min=1.0)
    power = (ecg * ecg).sum(dim=2) / length
    limbs = mask[:, :LIMB].sum(dim=1, keepdim=True).clamp(min=1.0)
    limb = (power[:, :LIMB].sum(dim=1, keepdim=True) / limbs + SMALLEST**2).sqrt()
    chest = (power[:, LIMB:] + SMALLEST**2).sqrt()
    sizes = torch.cat([limb.expand(-1, LIMB), chest], dim=1)
    there = torch.cat([mask[:, :LIMB].amax(dim=1, keepdim=True), mask[:, LIMB:]], dim=1)
    told = (torch.cat([limb, chest], dim=1).log() + 1.5) * there * about[:, :1]
    return ecg / sizes[:, :, None], torch.cat([told, mask, about], dim=1)


class Squeeze(nn.Module):
    """Squeeze and excitation: channels are weighed by what all of the signal holds."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        self.weigh = nn.Sequential(
            nn.Linear(channels, channels // reduction),
            nn.ReLU(),
            nn.Linear(channels // reduction, channels),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the weighed signal, shape as given, (n, channels, samples)."""
        weights: Tensor = self.weigh(x.mean(dim=2))
        return x * weights[:, :, None]


class Block(nn.Module):
    """Two convolutions with a short cut, and squeeze and excitation."""

    def __init__(self, inside: int, outside: int, stride: int, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(inside, outside, width, stride, width // 2, bias=False),
            nn.BatchNorm1d(outside),
            nn.ReLU(),
            nn.Conv1d(outside, outside, width, 1, width // 2, bias=False),
            nn.BatchNorm1d(outside),
            Squeeze(outside),
        )
        short: list[nn.Module] = []
        if stride > 1:
            short.append(nn.AvgPool1d(stride, stride, ceil_mode=True))
        if stride > 1 or inside != outside:
            short += [nn.Conv1d(inside, outside, 1, bias=False), nn.BatchNorm1d(outside)]
        self.short = nn.Sequential(*short)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outside, samples / stride)."""
        return torch.relu(self.body(x) + self.short(x))


class CompactNet(nn.Module):
    """The network; `forward` gives one logit per output.

    Args:
        outputs: number of labels.
        widths: channels of the stages.
        width: samples of a kernel.
        dropout: share of features left out in training.
    """

    def __init__(
        self,
        outputs: int,
        widths: Sequence[int] = (48, 64, 96, 128),
        width: int = 5,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv1d(len(STANDARD), 32, 9, 2, 4, bias=False),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.MaxPool1d(2, 2),
            nn.Conv1d(32, widths[0], 5, 1, 2, bias=False),
            nn.BatchNorm1d(widths[0]),
            nn.ReLU(),
        )
        stages, inside = [], widths[0]
        for i, outside in enumerate(widths):
            stages.append(Block(inside, outside, 1 if i == 0 else 2, width))
            inside = outside
        self.stages = nn.Sequential(*stages)
        self.told = nn.Sequential(nn.Linear(TOLD, 32), nn.ReLU())
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * inside + 32, outputs)

    def features(self, ecg: Tensor, mask: Tensor, about: Tensor) -> Tensor:
        """Return what the last layer sees, shape (n, features)."""
        shapes, told = scaled(ecg, mask, about)
        return self.seen(shapes, told)

    def seen(self, shapes: Tensor, told: Tensor) -> Tensor:
        """Return the same of leads without their sizes and of what is told, as `scaled` has it."""
        x = self.stages(self.stem(shapes))
        return torch.cat([x.mean(dim=2), x.amax(dim=2), self.told(told)], dim=1)

    def forward(self, ecg: Tensor, mask: Tensor, about: Tensor) -> Tensor:
        """Return logits, shape (n, outputs); arguments as of `scaled`."""
        return self.judged(*scaled(ecg, mask, about))

    def judged(self, shapes: Tensor, told: Tensor) -> Tensor:
        """Return logits, shape (n, outputs); arguments as of `seen`."""
        logits: Tensor = self.head(self.dropout(self.seen(shapes, told)))
        return logits
