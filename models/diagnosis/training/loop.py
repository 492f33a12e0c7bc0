"""The loop that trains the project's own network: masked labels, running mean of the weights."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models.diagnosis.data.collection import Collection
from models.diagnosis.training.augment import Augmentation, augmented
from models.diagnosis.training.metrics import aucs


@dataclass(frozen=True, slots=True)
class Options:
    """How to train.

    Attributes:
        epochs: passes over the training part.
        batch: windows per step.
        rate: largest learning rate; it rises for a tenth of the steps and falls by a cosine.
        decay: weight decay (AdamW).
        mean: share that the running mean of the weights keeps at each step; 0: no mean.
        smoothing: labels are moved from 0 and 1 by this.
        auxiliary: weight of the statements that are learnt beside the labels.
        mixup: parameter of the beta distribution by which two windows are mixed; 0: never.
        seed: of the first weights, of the order and of the augmentation.
        augmentation: what the windows are put through; None: nothing.
    """

    epochs: int = 16
    batch: int = 64
    rate: float = 3e-3
    decay: float = 0.05
    mean: float = 0.99
    smoothing: float = 0.02
    auxiliary: float = 0.5
    mixup: float = 0.2
    seed: int = 1
    augmentation: Augmentation | None = field(default_factory=Augmentation)


@dataclass(frozen=True, slots=True)
class Epoch:
    """What is known after an epoch: loss, AUC per label on the validation part, seconds."""

    number: int
    loss: float
    auc: npt.NDArray[np.float64]
    took_s: float


def fit(
    network: nn.Module,
    data: Collection,
    extra: npt.NDArray[np.float32],
    options: Options,
    report: Callable[[Epoch], None] = lambda _: None,
    keep: Callable[[nn.Module, Epoch], None] = lambda *_: None,
) -> nn.Module:
    """Train in place; return the network with the running mean of the weights.

    Args:
        network: from (ecg, mask, about) to logits of labels and auxiliary statements.
        data: with parts ``train`` and ``validation``.
        extra: auxiliary statements, NaN where unknown, shape (len(data), statements).
        options: how.
        report: told after each epoch.
        keep: given the mean network after each epoch.
    """
    torch.manual_seed(options.seed)
    random = torch.Generator().manual_seed(options.seed)
    rows = torch.from_numpy(np.flatnonzero(data.part == "train"))
    validation = data.of("validation")
    ecg, mask, about = (torch.from_numpy(a) for a in (data.ecg, data.mask, data.about))
    known_extra = np.isfinite(extra)
    holds = torch.from_numpy(np.concatenate([data.labels, np.nan_to_num(extra)], axis=1))
    weigh = torch.from_numpy(
        np.concatenate([data.known, options.auxiliary * known_extra], axis=1).astype(np.float32)
    )
    steps = options.epochs * math.ceil(len(rows) / options.batch)
    optimiser = torch.optim.AdamW(network.parameters(), options.rate, weight_decay=options.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options.rate, total_steps=steps, pct_start=0.1
    )
    mean = copy.deepcopy(network).eval()
    step = 0
    for number in range(options.epochs):
        network.train()
        started, total = time.perf_counter(), 0.0
        order = rows[torch.randperm(len(rows), generator=random)]
        for at in range(0, len(order), options.batch):
            some = order[at : at + options.batch]
            x, there, told = ecg[some], mask[some], about[some]
            if options.augmentation is not None:
                x, there, told = augmented(x, there, told, options.augmentation, random)
            y, w = holds[some], weigh[some]
            if options.mixup:
                x, y, w = _mixed(x, there, y, w, options.mixup, random)
            loss = masked_loss(network(x, there, told), y, w, options.smoothing)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            step += 1
            update(mean, network, min(options.mean, (1 + step) / (10 + step)))
            total += loss.item() * len(some)
        scores = predict(mean, validation)[:, : len(data.names)]
        epoch = Epoch(
            number + 1,
            total / len(rows),
            aucs(scores, validation.labels, validation.known),
            time.perf_counter() - started,
        )
        report(epoch)
        keep(mean, epoch)
    return mean


def masked_loss(logits: Tensor, holds: Tensor, weigh: Tensor, smoothing: float) -> Tensor:
    """Return the mean cross entropy over the labels that count."""
    soft = holds * (1 - 2 * smoothing) + smoothing
    terms = nn.functional.binary_cross_entropy_with_logits(logits, soft, reduction="none")
    return (terms * weigh).sum() / weigh.sum().clamp(min=1.0)


def _mixed(
    x: Tensor, there: Tensor, y: Tensor, w: Tensor, alpha: float, random: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Mix windows with others of the batch that have the same leads (Zhang et al. 2018)."""
    other = torch.randperm(len(x), generator=random)
    alike = (there == there[other]).all(dim=1) & (w == w[other]).all(dim=1)
    seed = int(torch.randint(2**31, (1,), generator=random))
    drawn = np.random.default_rng(seed).beta(alpha, alpha, len(x)).astype(np.float32)
    share = torch.where(alike, torch.from_numpy(np.maximum(drawn, 1 - drawn)), torch.ones(len(x)))
    size = x.std(dim=2, keepdim=True).mean(dim=1, keepdim=True).clamp(min=1e-4)
    a = share[:, None, None]
    mixed = a * x + (1 - a) * x[other] * (size / size[other])
    return mixed, share[:, None] * y + (1 - share[:, None]) * y[other], w


@torch.no_grad()
def update(mean: nn.Module, network: nn.Module, share: float) -> None:
    """Move the running mean of weights and of normalisations towards the network's."""
    for kept, new in zip(mean.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - share)
        else:
            kept.copy_(new)


@torch.no_grad()
def predict(network: nn.Module, data: Collection, batch: int = 128) -> npt.NDArray[np.float64]:
    """Return logits, float64, shape (len(data), outputs)."""
    network.eval()
    parts = []
    for at in range(0, len(data), batch):
        some = slice(at, at + batch)
        x, m, a = (torch.from_numpy(v[some]) for v in (data.ecg, data.mask, data.about))
        parts.append(network(x, m, a).numpy())
    return np.concatenate(parts).astype(np.float64)
