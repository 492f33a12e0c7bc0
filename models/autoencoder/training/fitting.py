"""Fits the networks (torch): one loop for the live model and for the ECG5000 benchmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models.autoencoder.inputs import Inputs
from models.autoencoder.network import BeatModel, HybridAutoencoder, Shape
from models.autoencoder.training.recordings import CalibratedBeats

RATE = 3e-3
"""Peak learning rate of the one-cycle schedule (Smith 2018, arXiv:1708.07120)."""
RHYTHM_WEIGHT = 0.1
SLIP = 1
"""Largest displacement of beats in samples (8 ms), as a detector's R peaks have it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of a fit.

    Attributes:
        steps: optimiser steps.
        batch: beats per step.
        trim: share of each batch with the largest loss that is left out, so that unlabelled
            ectopy among the training beats is not learned.
        seed: of weights and batches.
    """

    steps: int
    batch: int
    trim: float
    seed: int


class Loss(Protocol):
    """Draws a batch and returns its losses."""

    def __call__(self, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Return the loss per beat, one tensor (batch,) per part."""


def fit(model: nn.Module, loss: Loss, plan: Plan, watch: Callable[[int, float], None]) -> None:
    """Minimise the trimmed mean loss.

    Args:
        model: trained in place.
        loss: draws a batch and returns its losses.
        plan: how.
        watch: called with step and training loss after each step.
    """
    rng = np.random.default_rng(plan.seed)
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=plan.steps)
    kept = max(1, round(plan.batch * (1 - plan.trim)))
    for step in range(plan.steps):
        total = torch.stack([part.sort().values[:kept].mean() for part in loss(rng)]).sum()
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        watch(step, float(total.detach()))


def fit_live(
    beats: CalibratedBeats,
    rows: npt.NDArray[np.integer],
    shape: Shape,
    plan: Plan,
    watch: Callable[[int, float, BeatModel], None] = lambda *_: None,
) -> BeatModel:
    """Fit the live model to unlabelled beats, each recording seen equally often.

    Args:
        beats: beats to draw from; their labels are not used.
        rows: beats to train on.
        shape: sizes of the network.
        plan: how.
        watch: called with step, loss and the model as it is after each step.
    """
    torch.manual_seed(plan.seed)
    model = BeatModel(shape)
    groups = [rows[beats.record[rows] == record] for record in np.unique(beats.record[rows])]

    def loss(rng: np.random.Generator) -> tuple[Tensor, ...]:
        group = rng.integers(len(groups), size=plan.batch)
        place = rng.random(plan.batch)
        picked = np.array(
            [groups[g][int(p * len(groups[g]))] for g, p in zip(group, place, strict=True)]
        )
        slip = int(rng.integers(-SLIP, SLIP + 1))
        drawn = beats.take(picked)
        moved = np.roll(drawn.beats, slip, axis=1)
        return live_losses(model, moved, drawn)

    fit(model, loss, plan, lambda step, value: watch(step, value, model))
    return model.eval()


def live_losses(
    model: BeatModel, beats: npt.NDArray[np.float32], inputs: Inputs
) -> tuple[Tensor, Tensor]:
    """Return squared error of the reconstruction and Laplace surprise at the rhythm, per beat."""
    target = torch.from_numpy(np.ascontiguousarray(beats))
    rhythm = torch.from_numpy(inputs.rhythm)
    rebuilt = model.autoencoder(target, torch.from_numpy(inputs.templates))
    middle, scale = model.rhythm(rhythm)
    likelihood = (rhythm[:, :2] - middle).abs() / scale + scale.log()
    return ((rebuilt - target) ** 2).mean(dim=1), RHYTHM_WEIGHT * likelihood.sum(dim=1)


def run(model: BeatModel, inputs: Inputs) -> tuple[npt.NDArray[np.float32], ...]:
    """Return reconstructions (n, points) and surprises (n, 2) of a fitted model."""
    outs = []
    with torch.no_grad():
        for rows in np.array_split(np.arange(len(inputs.beats)), len(inputs.beats) // 1024 + 1):
            arrays = (inputs.beats[rows], inputs.templates[rows], inputs.rhythm[rows])
            outs.append([t.numpy() for t in model(*map(torch.from_numpy, arrays))])
    return tuple(np.concatenate(part) for part in zip(*outs, strict=True))


def fit_plain(beats: npt.NDArray[np.float32], shape: Shape, plan: Plan) -> HybridAutoencoder:
    """Fit the autoencoder alone, without template, to equal-length beats (n, points)."""
    torch.manual_seed(plan.seed)
    model = HybridAutoencoder(shape)
    data = torch.from_numpy(beats)
    queue: list[int] = []

    def loss(rng: np.random.Generator) -> tuple[Tensor, ...]:
        if len(queue) < plan.batch:
            queue[:] = rng.permutation(len(data)).tolist()
        drawn = data[[queue.pop() for _ in range(plan.batch)]]
        return (((model(drawn) - drawn) ** 2).mean(dim=1),)

    fit(model, loss, plan, lambda *_: None)
    return model.eval()
