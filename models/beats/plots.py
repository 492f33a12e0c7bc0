"""Plots of a training: loss per epoch, confusion and reliability on the folds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models.beats.dataset import CLASSES
from models.beats.scores import Counts
from models.beats.training import Trained


def write(folder: Path, trained: Trained, counts: Counts) -> None:
    """Write ``curves.png``, ``confusion.png`` and ``calibration.png``."""
    _save(_curves(trained), folder / "curves.png")
    _save(_confusion(counts), folder / "confusion.png")
    _save(_reliability(trained), folder / "calibration.png")


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    figure.savefig(path)


def _curves(trained: Trained) -> Figure:
    figure = Figure(figsize=(9, 4), layout="constrained")
    epochs = np.arange(1, trained.fold_losses.shape[1] + 1)
    for place, question in enumerate(("origin: N or S, V, F", "timing: N, S")):
        axes = figure.add_subplot(1, 2, place + 1)
        for number, losses in enumerate(trained.fold_losses[:, :, place]):
            axes.plot(epochs, losses, alpha=0.5, label=f"fold {number + 1}")
        mean = trained.fold_losses[:, :, place].mean(axis=0)
        axes.plot(epochs, mean, "k", linewidth=2, label="mean")
        axes.axvline(trained.epochs[place], color="grey", linestyle=":")
        axes.set(xlabel="epoch", ylabel="loss on held-out records", title=question)
    axes.legend()
    return figure


def _confusion(counts: Counts) -> Figure:
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    shown = counts[:4, :4]
    share = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(shown.shape):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, str(shown[row, column]), ha="center", va="center", color=colour)
    names = CLASSES[:4]
    axes.set(xlabel="found", ylabel="reference", title="held-out records")
    axes.set_xticks(range(4), names)
    axes.set_yticks(range(4), names)
    return figure


def _reliability(trained: Trained) -> Figure:
    """How often a class is right, against the probability that it was given."""
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    edges = np.linspace(0, 1, 11)
    probabilities = np.exp(trained.fold_logs)
    for index in range(3):
        given = probabilities[:, index]
        true = trained.fold_beats.labels == index
        place = np.clip(np.digitize(given, edges) - 1, 0, 9)
        enough = [b for b in range(10) if (place == b).sum() >= 20]
        axes.plot(
            [given[place == b].mean() for b in enough],
            [true[place == b].mean() for b in enough],
            marker="o",
            label=CLASSES[index],
        )
    axes.set(xlabel="probability given", ylabel="part that was so", title="held-out records")
    axes.legend()
    return figure
