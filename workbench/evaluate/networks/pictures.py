"""Draws what a network of beats got right and wrong: confusion, ROC curves, wrong beats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.zoo.data.examples import Examples

ROWS, COLUMNS = 3, 5
"""Wrong beats that the gallery shows."""
SEED = 0
"""Of the draw of wrong beats; a class takes part as often as another."""


def draw(
    path: Path, figures: Mapping[str, Any], test: Examples, answers: npt.NDArray[np.float32]
) -> None:
    """Write the picture of a network that tells classes.

    Args:
        path: PNG file to write.
        figures: of the result, see `models.zoo.scores`.
        test: what was asked.
        answers: probabilities, shape (n, classes).
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  # of the extra for training

    labels = figures["labels"]
    figure = Figure(figsize=(12, 8.5), layout="constrained")
    figure.suptitle(f"{figures['network']}, split {figures['split']}")
    parts: Any = figure.subfigures(2, 1, height_ratios=(1, 1.25))
    above, below = parts
    left, right = above.subplots(1, 2)
    _confusion(left, np.array(figures["confusion"]), labels)
    _roc(right, test.targets.astype(np.int64), answers, labels)
    below.suptitle("Beats called wrongly, drawn at random, each true class alike")
    _gallery(below.subplots(ROWS, COLUMNS), test, answers, labels)
    figure.savefig(path, dpi=80)


def _confusion(axes: Any, matrix: npt.NDArray[np.int64], labels: list[str]) -> None:
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(matrix):
        color = "white" if shares[row, column] > 0.5 else "black"
        text = f"{count}\n{shares[row, column]:.1%}"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(title="Confusion: beats, share of the true class", xlabel="found", ylabel="true")


def _roc(
    axes: Any, targets: npt.NDArray[np.int64], answers: npt.NDArray[np.float32], labels: list[str]
) -> None:
    for number, label in enumerate(labels):
        there = targets[np.argsort(-answers[:, number], kind="stable")] == number
        if there.any() and not there.all():
            hits, false = np.cumsum(there) / there.sum(), np.cumsum(~there) / (~there).sum()
            area = float(np.trapezoid(hits, false))
            axes.plot(false, hits, label=f"{label}, AUC {area:.3f}")
    axes.set(title="ROC, each class against the rest", xlabel="1 - specificity")
    axes.set(ylabel="sensitivity", xlim=(-0.01, 0.5), ylim=(0.5, 1.01))
    axes.legend(loc="lower right")


def _gallery(
    grid: Any, test: Examples, answers: npt.NDArray[np.float32], labels: list[str]
) -> None:
    targets, found = test.targets.astype(np.int64), answers.argmax(axis=1)
    random = np.random.default_rng(SEED)
    wrong = [
        random.permutation(np.flatnonzero((targets == number) & (found != targets)))
        for number in range(len(labels))
    ]
    # One of each class in turn, until the grid is full or none is left.
    order = [rows[turn] for turn in range(grid.size) for rows in wrong if turn < len(rows)]
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, row in zip(grid.flat, order, strict=False):
        axes.plot(np.arange(test.inputs.shape[2]) / 125, test.inputs[row, 0], linewidth=1)
        told = f"{labels[found[row]]} {answers[row, found[row]]:.2f}"
        axes.set_title(f"{test.groups[row]}: {labels[targets[row]]} called {told}", fontsize=9)
