"""The beat network: what torch trains, one member of the ensemble that runs live.

Two questions, answered apart and then joined:

* Where did the beat arise, by its shape: supraventricular (N or S), ventricular (V), fusion (F)?
  All features take part.
* If supraventricular, was it early (S) or not (N)? RR context and P wave alone decide. How like
  the recent beats it looks is kept from this part: when ectopic beats are the majority, they are
  what is usual.

A CNN on the beat beside the prevailing regular beat of its lead was tried as a third source. It
fitted the development records better and the held-out ones worse (V F1 on record-grouped folds of
DS1 86.6 with it, 90.3 % without), so there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.beats.columns import FEATURES, P_FEATURES

ORIGIN_FEATURES: tuple[str, ...] = tuple(name for name in FEATURES if name != "peak_mv")
"""Everything but the absolute amplitude, which depends on lead and electrode."""
TIMING_FEATURES: tuple[str, ...] = (
    *("log_rr", "log_next", "has_rr", "has_next", "log_rr_last"),
    *("log_next_rr", "log_pair"),
    *("change_mean", "change_median", "change_rms", "change_large", "entropy", "spread"),
    *P_FEATURES,
)
"""No median, no rank, no likeness to recent intervals: where early beats are the majority these
call them usual. A mean is pulled up by the pauses between them."""
N_CLASSES = 4
"""N, S, V, F. Q is not learnt: MIT-BIH has 8 such beats in DS1; see `models.beats.quality`."""
CLIP = 4.0
"""Standardised features are kept within this, so that what was never seen cannot run away."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a network is."""

    hidden: int = 48
    dropout: float = 0.3
    feature_noise: float = 0.1


class BeatNet(nn.Module):
    """Features in, log probabilities of N, S, V, F out."""

    mean: Tensor
    scale: Tensor
    origin_columns: Tensor
    timing_columns: Tensor

    def __init__(self, mean: Tensor, scale: Tensor, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        for name, chosen in (("origin", ORIGIN_FEATURES), ("timing", TIMING_FEATURES)):
            columns = torch.tensor([FEATURES.index(feature) for feature in chosen])
            self.register_buffer(f"{name}_columns", columns)
        self.origin = _decide(len(ORIGIN_FEATURES), sizes, 3)
        self.timing = _decide(len(TIMING_FEATURES), sizes, 1)

    def parts(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Answer the two questions.

        Args:
            features: shape (n, N_FEATURES).

        Returns:
            log probabilities of (N or S), V, F, shape (n, 3); logit of S against N, shape (n,).
        """
        standard = torch.clamp((features - self.mean) / self.scale, -CLIP, CLIP)
        if self.training:
            standard = standard + self.sizes.feature_noise * torch.randn_like(standard)
        origin = self.origin(standard[:, self.origin_columns])
        timing = self.timing(standard[:, self.timing_columns])[:, 0]
        return nn.functional.log_softmax(origin, 1), timing

    def forward(self, features: Tensor) -> Tensor:
        """Log probabilities of N, S, V, F, shape (n, 4)."""
        origin, timing = self.parts(features)
        above = origin[:, 0]
        normal = above + nn.functional.logsigmoid(-timing)
        early = above + nn.functional.logsigmoid(timing)
        return torch.stack([normal, early, origin[:, 1], origin[:, 2]], 1)


def _decide(inputs: int, sizes: Sizes, outputs: int) -> nn.Sequential:
    hidden, dropout = sizes.hidden, sizes.dropout
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, outputs),
    )
