"""Trains one origin network, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.beats.dataset import BeatSet
from models.beats.network import OriginNet, Sizes

SPARED = 7
"""Mean and spread of the features are taken from every seventh beat."""
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CourseSettings:
    """Settings of the training. The values were chosen on record-grouped folds of DS1."""

    batch: int = 512
    rate: float = 1e-3
    averaging: float = 0.998
    decay: float = 0.01
    smoothing: float = 0.02
    normal_part: float = 0.25
    """Part of the N beats seen per epoch, drawn anew; they count for the rest too."""
    sizes: Sizes = field(default_factory=Sizes)


class Course:
    """One network in training, epoch by epoch.

    The rate is constant; what is judged and kept is a running average of the weights (Izmailov
    2018, arXiv:1803.05407, here exponential). So any epoch can be the last one.
    """

    def __init__(
        self, beats: BeatSet, weights: Doubles, settings: CourseSettings, seed: int
    ) -> None:
        """Start a network.

        Args:
            beats: what to train on; beats of weight 0 are left out.
            weights: what each counts for, shape (n,).
            settings: how.
            seed: of weights, dropout and the order of the beats.
        """
        self._features = beats.features
        self._labels = beats.labels
        self._settings = settings
        self._random = np.random.default_rng(seed)
        torch.manual_seed(seed)
        used = beats.features[np.flatnonzero(weights > 0)[::SPARED]]
        mean = used.mean(axis=0, dtype=np.float64)
        spread = used.std(axis=0, dtype=np.float64) + 1e-3
        self._net = OriginNet(
            torch.tensor(mean, dtype=torch.float32),
            torch.tensor(spread, dtype=torch.float32),
            settings.sizes,
        )
        chance = np.where(beats.labels == 0, settings.normal_part, 1.0)
        self._weights = (weights / weights[weights > 0].mean() / chance).astype(np.float32)
        self._chance = np.where(weights > 0, chance, 0.0)
        self._optimizer = torch.optim.AdamW(
            self._net.parameters(), lr=settings.rate, weight_decay=settings.decay
        )
        self._average = AveragedModel(
            self._net,
            multi_avg_fn=get_ema_multi_avg_fn(settings.averaging),  # type: ignore[no-untyped-call]
        )

    @property
    def net(self) -> OriginNet:
        """The averaged network."""
        averaged = self._average.module
        assert isinstance(averaged, OriginNet)  # noqa: S101  (AveragedModel copies what it is given)
        return averaged

    def epoch(self) -> float:
        """Go once through the beats; return the mean loss."""
        self._net.train()
        order = np.flatnonzero(self._random.random(len(self._labels)) < self._chance)
        self._random.shuffle(order)
        losses = []
        for start in range(0, len(order), self._settings.batch):
            losses.append(self._step(order[start : start + self._settings.batch]))
        return float(np.mean(losses))

    def _step(self, chosen: npt.NDArray[np.int64]) -> float:
        found = self._net(torch.from_numpy(self._features[chosen]))
        where = torch.from_numpy(np.maximum(self._labels[chosen].astype(np.int64) - 1, 0))
        weight = torch.from_numpy(self._weights[chosen])
        smoothing = self._settings.smoothing
        wrong = functional.nll_loss(found, where, reduction="none") * (1.0 - smoothing)
        wrong = wrong - smoothing * found.mean(1)
        loss = (wrong * weight).mean()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self._average.update_parameters(self._net)
        return loss.item()
