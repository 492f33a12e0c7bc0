"""Pictures of a training: loss curves, reconstructions per class, histogram of the scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from models.autoencoder import inputs as seen
from models.autoencoder.training.recordings import CalibratedBeats

CLASSES = ("N", "S", "V", "F", "Q")


def curves(path: Path, steps: list[int], training: list[float], held_out: list[float]) -> None:
    """Draw loss against step: training, and recordings held out."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, training, label="training")
    axes.plot(steps, held_out, label="held-out recordings")
    axes.set(xlabel="step", ylabel="trimmed loss")
    axes.legend()
    figure.savefig(path)


def reconstructions(path: Path, beats: CalibratedBeats, rebuilt: npt.NDArray[np.float32]) -> None:
    """Draw the beat of median error of each class, with template and reconstruction."""
    figure = Figure(figsize=(11, 3), layout="constrained")
    time = (np.arange(seen.POINTS) * seen.DECIMATION - seen.BEFORE) / seen.FS
    error = ((beats.inputs.beats - rebuilt) ** 2).mean(axis=1)
    for axes, label in zip(figure.subplots(1, len(CLASSES)), CLASSES, strict=True):
        rows = np.flatnonzero(beats.labels == label)
        axes.set(title=f"{label} ({len(rows)})", xlabel="s")
        if len(rows):
            row = rows[np.argsort(error[rows])[len(rows) // 2]]
            axes.plot(time, beats.inputs.templates[row], color="silver", label="template")
            axes.plot(time, beats.inputs.beats[row], label="beat")
            axes.plot(time, rebuilt[row], "--", label="reconstruction")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(path)


def histogram(path: Path, scores: npt.NDArray[np.floating], labels: npt.NDArray[np.str_]) -> None:
    """Draw how the scores of each class are spread."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for label in CLASSES:
        if (labels == label).any():
            axes.hist(scores[labels == label], bins=50, range=(0, 1), histtype="step", label=label)
    axes.axvline(0.5, color="black", linestyle=":")
    axes.set(xlabel="anomaly score", ylabel="beats", yscale="log")
    axes.legend()
    figure.savefig(path)
