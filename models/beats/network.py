"""The origin network: where a beat arose, by its shape and RR context.

It separates beats from above the ventricles (N or S) from ventricular (V) and fusion beats (F).
Nearly all features take part. Whether a beat from above was early is another question: see `trees`.

A CNN on the beat beside the prevailing regular beat of its lead was tried as a further source. It
fitted the development records better and the held-out ones worse (V F1 on record-grouped folds of
DS1 86.6 with it, 90.3 % without), so there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.beats.columns import FEATURES, HIDDEN_FEATURES, LATE_FEATURES

_LEFT_OUT = {
    "peak_mv",
    "log_rr_upper",
    "log_next_upper",
    "log_range",
    *LATE_FEATURES,
    *HIDDEN_FEATURES,
}
ORIGIN_FEATURES: tuple[str, ...] = tuple(name for name in FEATURES if name not in _LEFT_OUT)
"""Features of the origin network. It has neither the absolute amplitude, which depends on lead and
electrode, nor what was made to separate early from not early: with the latter, V came out worse on
record-grouped folds of DS1."""
N_CLASSES = 4
"""N, S, V, F. Q is not learnt: MIT-BIH has 8 such beats in DS1; see `models.beats.quality`."""
CLIP = 4.0
"""Standardised features are kept within this, so that what was never seen cannot run away."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a network."""

    hidden: int = 48
    dropout: float = 0.3
    feature_noise: float = 0.1


class OriginNet(nn.Module):
    """Network from features to log probabilities of (N or S), V, F."""

    mean: Tensor
    scale: Tensor
    columns: Tensor

    def __init__(self, mean: Tensor, scale: Tensor, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        chosen = torch.tensor([FEATURES.index(feature) for feature in ORIGIN_FEATURES])
        self.register_buffer("columns", chosen)
        self.layers = nn.Sequential(
            nn.Linear(len(ORIGIN_FEATURES), sizes.hidden),
            nn.ReLU(),
            nn.Dropout(sizes.dropout),
            nn.Linear(sizes.hidden, sizes.hidden),
            nn.ReLU(),
            nn.Dropout(sizes.dropout),
            nn.Linear(sizes.hidden, N_CLASSES - 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return log probabilities of (N or S), V, F, (n, 3), from features (n, N_FEATURES)."""
        standard = torch.clamp((features - self.mean) / self.scale, -CLIP, CLIP)
        if self.training:
            standard = standard + self.sizes.feature_noise * torch.randn_like(standard)
        return nn.functional.log_softmax(self.layers(standard[:, self.columns]), 1)
