"""Plots of a training: loss per epoch, confusion and reliability on the folds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models.beats.dataset import CLASSES
from models.beats.features.state import FS, PRE
from models.beats.training.loop import TrainingResult
from models.beats.training.scores import Counts

Indices = npt.NDArray[np.int64]
MeanBeats = npt.NDArray[np.float64]
"""Mean beat per record and class, shape (records, 4, samples), R peak at `state.PRE`, in parts of
the record's largest deflection; nan where a record has none."""


def write(folder: Path, trained: TrainingResult, counts: Counts, mean_beats: MeanBeats) -> None:
    """Write ``curves.png``, ``confusion.png``, ``calibration.png`` and ``beats.png``."""
    _save(_curves(trained), folder / "curves.png")
    _save(_beats(mean_beats), folder / "beats.png")
    _save(_confusion(counts), folder / "confusion.png")
    _save(_reliability(trained), folder / "calibration.png")


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    figure.savefig(path)


def _curves(trained: TrainingResult) -> Figure:
    figure = Figure(figsize=(9, 4), layout="constrained")
    step = trained.tree_count // (1 + int(np.argmin(trained.losses[1].mean(axis=0))))
    drawn = (
        ("origin: N or S, V, F", "epochs", 1, trained.epochs),
        ("timing: N, S", "trees", step, trained.tree_count),
    )
    for place, (question, unit, size, chosen) in enumerate(drawn):
        axes = figure.add_subplot(1, 2, place + 1)
        losses = trained.losses[place]
        stages = size * np.arange(1, losses.shape[1] + 1)
        for number, row in enumerate(losses):
            axes.plot(stages, row, alpha=0.5, label=f"fold {number + 1}")
        axes.plot(stages, losses.mean(axis=0), "k", linewidth=2, label="mean")
        axes.axvline(chosen, color="grey", linestyle=":")
        axes.set(xlabel=unit, ylabel="loss on held-out records", title=question)
    axes.legend()
    return figure


def _beats(mean_beats: MeanBeats) -> Figure:
    """Each record's mean beat of a class, thin, and their mean."""
    figure = Figure(figsize=(11, 3.2), layout="constrained")
    time = (np.arange(mean_beats.shape[2]) - PRE) / FS
    for index in range(4):
        axes = figure.add_subplot(1, 4, index + 1)
        present = mean_beats[~np.isnan(mean_beats[:, index, 0]), index]
        axes.plot(time, present.T, color="grey", alpha=0.4, linewidth=0.7)
        if len(present):
            axes.plot(time, present.mean(axis=0), color="black")
        axes.set(title=f"{CLASSES[index]} ({len(present)} records)", xlabel="s", ylim=(-1.2, 1.2))
    return figure


def _confusion(counts: Counts) -> Figure:
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    shown = counts[:4, :4]
    share = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(shown.shape):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, str(int(shown[row, column])), ha="center", va="center", color=colour)
    names = CLASSES[:4]
    axes.set(xlabel="found", ylabel="reference", title="held-out records")
    axes.set_xticks(range(4), names)
    axes.set_yticks(range(4), names)
    return figure


def _reliability(trained: TrainingResult) -> Figure:
    """How often a class is right, against the probability that it was given."""
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    edges = np.linspace(0, 1, 11)
    natural = trained.fold_beats.real
    probabilities = np.exp(trained.fold_logs[natural])
    for index in range(3):
        given = probabilities[:, index]
        true = trained.fold_beats.labels[natural] == index
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
