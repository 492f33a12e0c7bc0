"""Trains the ensemble: folds for every decision, then the members on all beats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.beats.calibration import Calibration, calibrate, decision_factors
from models.beats.dataset import BeatSet, folds
from models.beats.network import N_CLASSES, BeatNet, Sizes

Doubles = npt.NDArray[np.float64]
Progress = Callable[[str, int, float, float], None]
"""Told what is being trained, the epoch, its training loss and its loss on held-out beats (nan:
none are held out)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. The values were chosen on record-grouped folds of DS1."""

    epochs: int = 8
    batch: int = 512
    rate: float = 1e-3
    averaging: float = 0.998
    decay: float = 0.01
    smoothing: float = 0.02
    normal_part: float = 0.25
    """Part of the N beats seen per epoch, drawn anew; they count for the rest too."""
    balance: float = 0.25
    """How far records are made equal: 0 not at all, 1 wholly (per class)."""
    early_weight: float = 4.0
    """Weight of S against N in telling the two apart."""
    fold_count: int = 5
    members: int = 5
    seed: int = 0
    sizes: Sizes = field(default_factory=Sizes)


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """Outcome of `train`.

    Attributes:
        members: the networks, one per seed, trained on all beats.
        calibration: fitted on the folds.
        factors: see `calibration.decision_factors`.
        epochs: epochs that the folds found best, for origin and timing (see `network.BeatNet`).
        fold_losses: held-out loss per fold, epoch and question, shape (folds, epochs, 2).
        fold_logs: calibrated log probabilities of the beats of the first variant by the network
            that did not see their record, shape (n, 4).
        fold_beats: those beats.
    """

    members: list[BeatNet]
    calibration: Calibration
    factors: tuple[float, ...]
    epochs: tuple[int, int]
    fold_losses: Doubles
    fold_logs: Doubles
    fold_beats: BeatSet


def train(beats: BeatSet, settings: Settings, progress: Progress) -> Trained:
    """Decide on folds, then train the members on everything.

    Args:
        beats: training data; variant 0 is what the folds are judged by.
        settings: how.
        progress: told after each epoch.
    """
    beats = beats[(beats.labels >= 0) & (beats.labels < N_CLASSES)]
    losses, held, answers = [], [], []
    for number, (_, inside, outside) in enumerate(folds(beats, settings.fold_count)):
        judged = outside[outside.variants == 0]
        course = _Course(inside, settings, settings.seed)
        per_epoch, kept = [], []
        for epoch in range(settings.epochs):
            loss = course.epoch()
            found = answer(course.net, judged)
            per_epoch.append(held_out_losses(*found, judged.labels))
            kept.append(found)
            progress(f"fold {number + 1}", epoch, loss, sum(per_epoch[-1]))
        losses.append(per_epoch)
        held.append(judged)
        answers.append(kept)
    table = np.array(losses)
    best = 1 + np.argmin(table.mean(axis=0), axis=0)
    epochs = (int(best[0]), int(best[1]))
    fold_logs = np.concatenate(
        [join(kept[epochs[0] - 1][0], kept[epochs[1] - 1][1]) for kept in answers]
    )
    fold_beats = BeatSet.join(held)
    calibration = calibrate(fold_logs, fold_beats.labels)
    fold_logs = calibration.apply(fold_logs)
    members = [
        _member(beats, settings, number, epochs, progress) for number in range(settings.members)
    ]
    return Trained(
        members=members,
        calibration=calibration,
        factors=decision_factors(fold_logs, fold_beats.labels),
        epochs=epochs,
        fold_losses=table,
        fold_logs=fold_logs,
        fold_beats=fold_beats,
    )


def _member(
    beats: BeatSet, settings: Settings, number: int, epochs: tuple[int, int], progress: Progress
) -> BeatNet:
    """Train one member; each of its halves is kept as it was after its own number of epochs."""
    course = _Course(beats, settings, settings.seed + number)
    halves: dict[str, dict[str, torch.Tensor]] = {}
    for epoch in range(max(epochs)):
        progress(f"member {number + 1}", epoch, course.epoch(), float("nan"))
        for name, last in zip(("origin", "timing"), epochs, strict=True):
            if epoch + 1 == last:
                half = getattr(course.net, name)
                halves[name] = {key: value.clone() for key, value in half.state_dict().items()}
    for name, state in halves.items():
        getattr(course.net, name).load_state_dict(state)
    return course.net.eval()


def answer(net: BeatNet, beats: BeatSet, batch: int = 4096) -> tuple[Doubles, Doubles]:
    """Answers to the two questions, shapes (n, 3) and (n,); see `BeatNet.parts`."""
    net.eval()
    with torch.no_grad():
        parts = [
            net.parts(torch.from_numpy(beats.features[i : i + batch]))
            for i in range(0, len(beats), batch)
        ]
    origin = np.concatenate([part[0].numpy() for part in parts]).astype(np.float64)
    timing = np.concatenate([part[1].numpy() for part in parts]).astype(np.float64)
    return origin, timing


def join(origin: Doubles, timing: Doubles) -> Doubles:
    """Log probabilities of N, S, V, F from the answers, shape (n, 4)."""
    normal = origin[:, 0] - np.logaddexp(0.0, timing)
    early = origin[:, 0] - np.logaddexp(0.0, -timing)
    return np.stack([normal, early, origin[:, 1], origin[:, 2]], axis=1)


def held_out_losses(
    origin: Doubles, timing: Doubles, labels: npt.NDArray[np.int8]
) -> tuple[float, float]:
    """Mean negative log likelihood of either question.

    In the first V weighs as much as N and S together, in the second S as much as N; F is too
    much a matter of single records to have a say.
    """
    above, ventricular = labels <= 1, labels == 2
    normal, early = labels == 0, labels == 1
    first = _mean_of(-origin[above, 0], -origin[ventricular, 1])
    second = _mean_of(np.logaddexp(0.0, timing[normal]), np.logaddexp(0.0, -timing[early]))
    return first, second


def _mean_of(*parts: Doubles) -> float:
    means = [part.mean() for part in parts if len(part)]
    return float(np.mean(means)) if means else 0.0


def weights(beats: BeatSet, settings: Settings) -> npt.NDArray[np.float32]:
    """Weight of each beat: records with many beats of a class count less, up to `balance`."""
    result = np.ones(len(beats))
    for record in np.unique(beats.records):
        for label in range(N_CLASSES):
            chosen = (beats.records == record) & (beats.labels == label)
            usual, least = (4000, 500) if label == 0 else (300, 30)
            result[chosen] = (usual / max(int(chosen.sum()), least)) ** settings.balance
    result /= result[beats.labels == 0].mean()
    result[beats.labels == 0] /= settings.normal_part
    return result.astype(np.float32)


class _Course:
    """One network on its way through the epochs.

    The rate is constant; what is judged and kept is a running average of the weights (Izmailov
    2018, arXiv:1803.05407, here exponential). So any epoch can be the last one.
    """

    def __init__(self, beats: BeatSet, settings: Settings, seed: int) -> None:
        self._beats = beats
        self._settings = settings
        self._random = np.random.default_rng(seed)
        torch.manual_seed(seed)
        mean = beats.features.mean(axis=0, dtype=np.float64)
        spread = beats.features.std(axis=0, dtype=np.float64) + 1e-3
        self._net = BeatNet(
            torch.tensor(mean, dtype=torch.float32),
            torch.tensor(spread, dtype=torch.float32),
            settings.sizes,
        )
        self._weights = weights(beats, settings)
        self._chance = np.where(beats.labels == 0, settings.normal_part, 1.0)
        self._optimizer = torch.optim.AdamW(
            self._net.parameters(), lr=settings.rate, weight_decay=settings.decay
        )
        self._average = AveragedModel(
            self._net,
            multi_avg_fn=get_ema_multi_avg_fn(settings.averaging),  # type: ignore[no-untyped-call]
        )

    @property
    def net(self) -> BeatNet:
        """The averaged network."""
        averaged = self._average.module
        assert isinstance(averaged, BeatNet)  # noqa: S101  (AveragedModel copies what it is given)
        return averaged

    def epoch(self) -> float:
        """Go once through the beats; return the mean loss."""
        self._net.train()
        order = np.flatnonzero(self._random.random(len(self._beats)) < self._chance)
        self._random.shuffle(order)
        losses = []
        for start in range(0, len(order), self._settings.batch):
            losses.append(self._step(order[start : start + self._settings.batch]))
        return float(np.mean(losses))

    def _step(self, chosen: npt.NDArray[np.int64]) -> float:
        beats, settings = self._beats, self._settings
        origin, timing = self._net.parts(torch.from_numpy(beats.features[chosen]))
        loss = _loss(
            origin,
            timing,
            torch.from_numpy(beats.labels[chosen].astype(np.int64)),
            torch.from_numpy(self._weights[chosen]),
            settings,
        )
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self._average.update_parameters(self._net)
        return loss.item()


def _loss(
    origin: torch.Tensor,
    timing: torch.Tensor,
    labels: torch.Tensor,
    weight: torch.Tensor,
    settings: Settings,
) -> torch.Tensor:
    """Cross entropy of the two questions, each over the beats that it is put for."""
    where = torch.clamp(labels - 1, min=0)
    wrong = functional.nll_loss(origin, where, reduction="none") * (1.0 - settings.smoothing)
    wrong = wrong - settings.smoothing * origin.mean(1)
    loss = (wrong * weight).sum() / weight.sum()
    early = (labels == 1).float()
    put = weight * (labels < 2) * (1.0 + (settings.early_weight - 1.0) * early)
    target = early * (1.0 - settings.smoothing) + settings.smoothing / 2
    wrong = functional.binary_cross_entropy_with_logits(timing, target, reduction="none")
    return loss + (wrong * put).sum() / put.sum().clamp(min=1e-6)


def seeds(settings: Settings) -> Sequence[int]:
    """Seeds of the members."""
    return range(settings.seed, settings.seed + settings.members)
