"""Curves of a training: one row an epoch as CSV, and drawn."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from models.zoo.training.options import Epoch


def write(folder: Path, epochs: Sequence[Epoch], best: int, title: str) -> None:
    """Write ``curves.csv`` and ``curves.png``.

    Args:
        folder: where to.
        epochs: what was measured after each epoch.
        best: the epoch that was kept, counted from 1.
        title: of the picture.
    """
    rows = [epoch.row() for epoch in epochs]
    with (folder / "curves.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    if any(epoch.validation_f1 for epoch in epochs):
        other = axes.twinx()
        told = [epoch for epoch in epochs if epoch.validation_f1]
        f1 = [epoch.validation_f1 for epoch in told]
        other.plot([epoch.epoch for epoch in told], f1, "--", color="gray")
        other.set(ylabel="validation F1, mean of the classes (dashed)")
    numbers = [epoch.epoch for epoch in epochs]
    axes.plot(numbers, [epoch.train_loss for epoch in epochs], label="training")
    axes.plot(numbers, [epoch.validation_loss for epoch in epochs], label="validation")
    axes.axvline(best, color="black", linestyle=":", label="kept")
    axes.set(title=title, xlabel="epoch", ylabel="loss")
    axes.legend(loc="upper center")
    figure.savefig(folder / "curves.png", dpi=100)
