"""One member of the ensemble: a network for the origin of a beat, trees for its prematurity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from models.beats.network import OriginNet
from models.beats.training.trees import Trees

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A network and trees, trained on the same beats with the same seed."""

    origin: OriginNet
    timing: Trees

    def log_probabilities(self, features: Floats) -> Doubles:
        """Return log probabilities of N, S, V, F, not calibrated, shape (n, 4)."""
        return join(origins(self.origin, features), self.timing.log_odds(features))


def origins(net: OriginNet, features: Floats, batch: int = 4096) -> Doubles:
    """Return log probabilities of (N or S), V, F, shape (n, 3)."""
    net.eval()
    with torch.no_grad():
        parts = [
            net(torch.from_numpy(features[i : i + batch])).numpy()
            for i in range(0, len(features), batch)
        ]
    return np.concatenate(parts).astype(np.float64)


def join(origin: Doubles, odds: Doubles) -> Doubles:
    """Return log probabilities of N, S, V, F from both answers, shape (n, 4).

    Args:
        origin: log probabilities of (N or S), V, F, shape (n, 3).
        odds: log odds of S against N, shape (n,).
    """
    normal = origin[:, 0] - np.logaddexp(0.0, odds)
    early = origin[:, 0] - np.logaddexp(0.0, -odds)
    return np.stack([normal, early, origin[:, 1], origin[:, 2]], axis=1)
