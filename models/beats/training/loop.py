"""Trains the ensemble: folds for every decision, then the members on all beats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.beats.dataset import REFERENCE, BeatSet, folds
from models.beats.network import N_CLASSES, OriginNet
from models.beats.training import weighting
from models.beats.training.calibration import Calibration, calibrate, decision_factors
from models.beats.training.course import Course, CourseSettings
from models.beats.training.members import Member, join, origins
from models.beats.training.trees import Trees, TreeSettings, grow

Doubles = npt.NDArray[np.float64]
Progress = Callable[[str], None]
"""Called with the name of what has been trained."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the training. The values were chosen on record-grouped folds of DS1."""

    epochs: int = 8
    fold_count: int = 5
    members: int = 5
    seed: int = 0
    normal_part: float = 0.12
    """Part of the N beats that the trees of a member see."""
    course: CourseSettings = field(default_factory=CourseSettings)
    trees: TreeSettings = field(default_factory=TreeSettings)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingResult:
    """Outcome of `train`.

    Attributes:
        members: one per seed, trained on all beats.
        calibration: fitted on the folds, to the mean of as many members.
        factors: see `calibration.decision_factors`.
        epochs: epochs of the networks that the folds found best.
        tree_count: number of trees that they found best.
        losses: held-out loss of either question per stage (epochs; steps of trees), each of
            shape (folds, stages).
        fold_beats: held-out beats of the folds: the reference copy, and made rhythms.
        fold_logs: calibrated mean log probabilities of them by members that did not see their
            patient, shape (n, 4).
    """

    members: list[Member]
    calibration: Calibration
    factors: tuple[float, ...]
    epochs: int
    tree_count: int
    losses: tuple[Doubles, Doubles]
    fold_beats: BeatSet
    fold_logs: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class _Fold:
    """Outputs of a fold's members for its held-out beats, stage by stage.

    Attributes:
        beats: the held-out beats.
        origin: shape (members, epochs, n, 3).
        timing: shape (members, steps, n).
    """

    beats: BeatSet
    origin: Doubles
    timing: Doubles

    def logs(self, epoch: int, step: int) -> Doubles:
        """Return mean log probabilities of the members at a stage, shape (n, 4)."""
        joined = [
            join(origin[epoch], timing[step])
            for origin, timing in zip(self.origin, self.timing, strict=True)
        ]
        return np.mean(joined, axis=0)  # type: ignore[no-any-return]


def train(beats: BeatSet, settings: Settings, progress: Progress) -> TrainingResult:
    """Decide on folds, then train the members on everything.

    Args:
        beats: training data: copies of records, made rhythms, other recordings.
        settings: how.
        progress: called after each member.
    """
    beats = beats[(beats.labels >= 0) & (beats.labels < N_CLASSES)]
    done = []
    for number, (inside, outside) in enumerate(folds(beats, settings.fold_count)):
        name = f"fold {number + 1}"
        done.append(_fold(beats[inside], _judged(beats[outside]), settings, name, progress))
    losses = (
        np.array([_origin_losses(fold) for fold in done]),
        np.array([_timing_losses(fold) for fold in done]),
    )
    epoch, step = (int(np.argmin(table.mean(axis=0))) for table in losses)
    fold_beats = BeatSet.join(fold.beats for fold in done)
    fold_logs = np.concatenate([fold.logs(epoch, step) for fold in done])
    natural = fold_beats.real
    calibration = calibrate(fold_logs[natural], fold_beats.labels[natural])
    fold_logs = calibration.apply(fold_logs)
    weights = weighting.judging(fold_beats)
    factors = decision_factors(fold_logs, fold_beats.labels, weights, natural)
    epochs, tree_count = epoch + 1, (step + 1) * settings.trees.step
    members = []
    origin, timing = _weights(beats)
    for seed in seeds(settings):
        *_, net = _networks(beats, origin, epochs, settings, seed)
        trees = _trees(beats, timing, settings, seed).first(tree_count)
        members.append(Member(net, trees))
        progress(f"member {len(members)}")
    return TrainingResult(
        members, calibration, factors, epochs, tree_count, losses, fold_beats, fold_logs
    )


def seeds(settings: Settings) -> Sequence[int]:
    """Return the seeds of the members."""
    return range(settings.seed, settings.seed + settings.members)


def _judged(outside: BeatSet) -> BeatSet:
    return outside[(outside.variants == REFERENCE) | outside.spliced]


def _weights(beats: BeatSet) -> tuple[Doubles, Doubles]:
    """Return the weights of the beats for either question."""
    return (
        weighting.origin(beats),
        weighting.timing(beats, weighting.TIMING),
    )


def _fold(
    inside: BeatSet, outside: BeatSet, settings: Settings, name: str, progress: Progress
) -> _Fold:
    weights = _weights(inside)
    origin, timing = [], []
    for number, seed in enumerate(seeds(settings)):
        nets = _networks(inside, weights[0], settings.epochs, settings, seed)
        origin.append([origins(net, outside.features) for net in nets])
        trees = _trees(inside, weights[1], settings, seed)
        timing.append(list(trees.sums(outside.features, settings.trees.step)))
        progress(f"{name}, member {number + 1}")
    return _Fold(outside, np.array(origin), np.array(timing))


def _networks(
    beats: BeatSet, weights: Doubles, epochs: int, settings: Settings, seed: int
) -> Iterator[OriginNet]:
    """Yield a network after each epoch; it is the same object, trained on."""
    course = Course(beats, weights, settings.course, seed)
    for _ in range(epochs):
        course.epoch()
        yield course.net


def _trees(beats: BeatSet, weights: Doubles, settings: Settings, seed: int) -> Trees:
    drawn = np.random.default_rng(seed).random(len(beats)) < settings.normal_part
    chosen = (weights > 0) & (drawn | (beats.labels == 1) | beats.others)
    weights = np.where(beats.others | (beats.labels == 1), weights, weights / settings.normal_part)
    used = beats[chosen]
    return grow(used.features, used.labels == 1, weights[chosen], settings.trees, seed)


def _origin_losses(fold: _Fold) -> list[float]:
    """Held-out loss per epoch: V weighs as much as N and S together.

    F is left out: it depends too much on single records.
    """
    weight, labels = weighting.judging(fold.beats), fold.beats.labels
    mean = fold.origin.mean(axis=0)
    return [
        _mean_of((-logs[:, 0], weight * (labels <= 1)), (-logs[:, 1], weight * (labels == 2)))
        for logs in mean
    ]


def _timing_losses(fold: _Fold) -> list[float]:
    """Held-out loss per number of trees: S weighs as much as N."""
    weight, labels = weighting.judging(fold.beats), fold.beats.labels
    mean = fold.timing.mean(axis=0)
    return [
        _mean_of(
            (np.logaddexp(0.0, odds), weight * (labels == 0)),
            (np.logaddexp(0.0, -odds), weight * (labels == 1)),
        )
        for odds in mean
    ]


def _mean_of(*parts: tuple[Doubles, Doubles]) -> float:
    means = [np.average(loss, weights=weight) for loss, weight in parts if weight.any()]
    return float(np.mean(means)) if means else 0.0
