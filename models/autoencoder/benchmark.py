"""The ECG5000 benchmark: standard split, normal against the rest, label-free threshold.

Settled by five-fold cross-validation inside TRAIN: a code of two numbers, few epochs, residual
smoothed before it is squared. TEST decided nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import gaussian_filter1d

from models import ecg5000
from models.autoencoder.fitting import Plan, fit_plain
from models.autoencoder.metrics import roc_auc
from models.autoencoder.network import HybridAutoencoder, Shape

SHAPE = Shape(points=ecg5000.POINTS, code=2)
EPOCHS = 30
BATCH = 32
SMOOTH = 3.0
"""Standard deviation in samples of the smoothing of the residual: noise is not anomaly."""
THRESHOLD_QUANTILE = 0.98
"""Of the training errors: beats above it are called abnormal."""


def errors(model: HybridAutoencoder, beats: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Mean squared smoothed residual of each beat, shape (n,)."""
    with torch.no_grad():
        rebuilt = model(torch.from_numpy(beats)).numpy()
    smooth = gaussian_filter1d(beats - rebuilt, SMOOTH, axis=1)
    mean: npt.NDArray[np.float64] = (smooth.astype(np.float64) ** 2).mean(axis=1)
    return mean


def one(
    train: npt.NDArray[np.float32],
    beats: npt.NDArray[np.float32],
    abnormal: npt.NDArray[np.bool_],
    seed: int,
) -> dict[str, float]:
    """Train on normal beats, score others: ``auc``, ``accuracy`` and class-balanced parts."""
    plan = Plan(steps=EPOCHS * (len(train) // BATCH), batch=BATCH, trim=0.0, seed=seed)
    model = fit_plain(train, SHAPE, plan)
    threshold = float(np.quantile(errors(model, train), THRESHOLD_QUANTILE))
    scores = errors(model, beats)
    called = scores > threshold
    return {
        "auc": roc_auc(scores, abnormal),
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
        progress: told each seed's outcome.

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
