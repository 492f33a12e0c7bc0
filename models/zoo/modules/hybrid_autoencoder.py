"""An autoencoder with an LSTM branch and a CNN branch, fused, and the score of what it leaves.

A beat's score is how far its residual (the beat minus what was rebuilt, smoothed) lies from the
nearest residuals of training beats: what the autoencoder misses in ordinary beats too is no
anomaly. The threshold is a quantile of the training beats' own scores. No label is used.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor, nn

from models.autoencoder.network import HybridAutoencoder, Shape
from models.zoo.data.examples import SplitData
from models.zoo.network import Network
from models.zoo.training.scaled import ScaledNetwork

CODE = 2
SMOOTH = 2.0
"""Standard deviation in samples of the smoothing of the residual: noise is not anomaly."""
NEIGHBOURS = 3
QUANTILE = 0.98
"""Quantile of the training beats' own scores above which beats are called abnormal."""


class Rebuild(nn.Module):
    """The autoencoder on signals of one lead."""

    def __init__(self, samples: int) -> None:
        super().__init__()
        self.autoencoder = HybridAutoencoder(Shape(points=samples, code=CODE))

    def forward(self, signal: Tensor) -> Tensor:
        """Return a signal rebuilt, shape (n, 1, samples)."""
        rebuilt: Tensor = self.autoencoder(signal[:, 0])
        return rebuilt[:, None]


class Score(nn.Module):
    """What is exported: the score of beats divided by the threshold, over 1 for abnormal ones."""

    known: Tensor
    smoothing: Tensor
    threshold: Tensor

    def __init__(self, scaled: ScaledNetwork, samples: int) -> None:
        super().__init__()
        self.scaled = scaled
        smoothing = gaussian_filter1d(np.eye(samples), SMOOTH, axis=1)
        self.register_buffer("smoothing", torch.tensor(smoothing, dtype=torch.float32))
        self.register_buffer("known", torch.zeros(0, samples))
        self.register_buffer("threshold", torch.ones(()))

    def residuals(self, signal: Tensor) -> Tensor:
        """Return what the autoencoder leaves of beats, smoothed, shape (n, samples)."""
        seen = self.scaled.scaled(signal)
        left: Tensor = (seen - self.scaled.inner(seen))[:, 0] @ self.smoothing
        return left

    def distances(self, residuals: Tensor, own: int) -> Tensor:
        """Return the mean squared distance to the nearest known residuals, shape (n,).

        Args:
            residuals: shape (n, samples).
            own: 1 if they are the known ones themselves: no beat is its own neighbour; else 0.
        """
        squares = (residuals**2).sum(1)[:, None] + (self.known**2).sum(1)[None]
        apart = (squares - 2.0 * residuals @ self.known.T).clamp(min=0.0) / residuals.shape[1]
        nearest = torch.topk(apart, NEIGHBOURS + own, dim=1, largest=False).values
        return nearest[:, own:].mean(1)

    def learn(self, signal: Tensor) -> None:
        """Take normal beats as known, and set the threshold by them."""
        with torch.no_grad():
            self.known = self.residuals(signal)
            usual = self.distances(self.known, own=1)
            self.threshold = torch.quantile(usual, QUANTILE)

    def forward(self, signal: Tensor) -> Tensor:
        """Return scores divided by the threshold, shape (n, 1)."""
        return (self.distances(self.residuals(signal), own=0) / self.threshold)[:, None]


def build(network: Network) -> nn.Module:
    """Return a new autoencoder for the samples of a row."""
    return Rebuild(network.sees.samples)


def finish(
    network: Network, scaled: ScaledNetwork, data: SplitData
) -> tuple[nn.Module, Mapping[str, str]]:
    """Return the module that is exported, and what to note of it."""
    del network
    score = Score(scaled, data.train.inputs.shape[2]).eval()
    normal = np.concatenate([data.train.inputs, data.validation.inputs])
    score.learn(torch.from_numpy(normal))
    return score, {"threshold": f"{float(score.threshold):.6g}", "quantile": f"{QUANTILE:g}"}
