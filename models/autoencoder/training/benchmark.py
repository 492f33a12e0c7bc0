"""The ECG5000 benchmark: standard split, normal against the rest, label-free threshold.

A beat's score is how far its residual (beat minus reconstruction, smoothed) lies from the nearest
residuals of training beats: what the autoencoder misses in ordinary beats too is no anomaly. All
constants were settled by five-fold cross-validation inside TRAIN.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import gaussian_filter1d

from models.autoencoder.inputs import FloatArray
from models.autoencoder.network import HybridAutoencoder, Shape
from models.autoencoder.training import ecg5000
from models.autoencoder.training.fitting import Plan, fit_plain
from models.autoencoder.training.metrics import roc_auc

SHAPE = Shape(points=ecg5000.POINTS, code=2)
EPOCHS = 50
BATCH = 32
MEMBERS = 5
"""Networks whose scores are averaged: after so few epochs a single one may have gone astray."""
SMOOTH = 2.0
"""Standard deviation in samples of the smoothing of the residual: noise is not anomaly."""
NEIGHBOURS = 3
THRESHOLD_QUANTILE = 0.98
"""Quantile of the training beats' own scores above which beats are called abnormal."""


def residuals(model: HybridAutoencoder, beats: npt.NDArray[np.float32]) -> FloatArray:
    """Return the smoothed residuals of beats, shape (n, points)."""
    with torch.no_grad():
        rebuilt = model(torch.from_numpy(beats)).numpy()
    smoothed: FloatArray = gaussian_filter1d(beats - rebuilt, SMOOTH, axis=1)
    return smoothed


def scores(known: FloatArray, residual: FloatArray, *, own: bool) -> npt.NDArray[np.float64]:
    """Return mean squared distances of residuals to their `NEIGHBOURS` nearest known ones, (n,).

    Args:
        known: residuals of the training beats.
        residual: residuals of the beats to score.
        own: they are ``known`` itself: no beat is its own neighbour.
    """
    apart = ((residual[:, None] - known[None]) ** 2).mean(axis=2, dtype=np.float64)
    apart.sort(axis=1)
    nearest: npt.NDArray[np.float64] = apart[:, own : own + NEIGHBOURS].mean(axis=1)
    return nearest


def one(
    train: npt.NDArray[np.float32],
    beats: npt.NDArray[np.float32],
    abnormal: npt.NDArray[np.bool_],
    seed: int,
) -> dict[str, float]:
    """Train on normal beats and score others.

    Args:
        train: normal beats.
        beats: beats to score.
        abnormal: which of them are; only measures the outcome.
        seed: of all members.

    Returns:
        ``auc``, ``accuracy``, ``sensitivity``, ``specificity`` and the ``threshold``.
    """
    usual, found = np.zeros(len(train)), np.zeros(len(beats))
    for member in range(MEMBERS):
        steps = EPOCHS * (len(train) // BATCH)
        plan = Plan(steps, BATCH, trim=0.0, seed=seed * MEMBERS + member)
        model = fit_plain(train, SHAPE, plan)
        known = residuals(model, train)
        usual += scores(known, known, own=True) / MEMBERS
        for rows in np.array_split(np.arange(len(beats)), len(beats) // 500 + 1):
            found[rows] += scores(known, residuals(model, beats[rows]), own=False) / MEMBERS
    threshold = float(np.quantile(usual, THRESHOLD_QUANTILE))
    called = found > threshold
    return {
        "auc": roc_auc(found, abnormal),
        "accuracy": float((called == abnormal).mean()),
        "sensitivity": float(called[abnormal].mean()),
        "specificity": float((~called[~abnormal]).mean()),
        "threshold": threshold,
    }


def evaluate(folder: Path, seeds: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Run the benchmark.

    Args:
        folder: where ``ECG5000_TRAIN.txt`` and ``ECG5000_TEST.txt`` lie.
        seeds: how many trainings to report mean and spread of.
        progress: called with each seed's outcome.

    Returns:
        ``runs``, and ``mean`` and ``sd`` of their figures.

    Raises:
        RecordError: the data cannot be read.
    """
    train, test = ecg5000.read(folder, "TRAIN"), ecg5000.read(folder, "TEST")
    runs = []
    for seed in range(seeds):
        runs.append(one(train.beats[~train.abnormal], test.beats, test.abnormal, seed))
        progress(f"ECG5000 seed {seed}: {_brief(runs[-1])}")
    figures = {name: [run[name] for run in runs] for name in runs[0]}
    return {
        "mean": {name: float(np.mean(values)) for name, values in figures.items()},
        "sd": {name: float(np.std(values)) for name, values in figures.items()},
        "runs": runs,
    }


def _brief(run: dict[str, float]) -> str:
    return f"accuracy {run['accuracy']:.4f}, AUC {run['auc']:.4f}"
