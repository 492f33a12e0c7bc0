"""Figures of a network as tables for the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table


def _title(figures: Mapping[str, Any]) -> str:
    title = f"{figures['network']}, split {figures['split']}, {figures['examples']} examples"
    return "\n".join([title, *figures["notes"]])


def classes(figures: Mapping[str, Any]) -> Table:
    """Return precision, recall and F1 of each class, then what holds for all, with intervals."""
    table = Table(
        "", "precision", "recall", "F1", "examples", "95 % interval", title=_title(figures)
    )
    intervals = figures["intervals"]
    for label, row in figures["classes"].items():
        values = (f"{row[name]:.3f}" for name in ("precision", "recall", "f1"))
        table.add_row(label, *values, str(row["support"]), _interval(intervals, f"f1 {label}"))
    table.add_section()
    for name in ("accuracy", "binary_accuracy", "macro_f1"):
        words = name.replace("_", " ").replace("binary", "first class or not,")
        table.add_row(words, "", "", f"{figures[name]:.4f}", "", _interval(intervals, name))
    weighted = (f"{figures[f'weighted_{name}']:.4f}" for name in ("precision", "recall", "f1"))
    table.add_row("weighted", *weighted, "", _interval(intervals, "weighted_f1"))
    return table


def confusion(figures: Mapping[str, Any]) -> Table:
    """Return the confusion matrix: a row a true class, a column a class found."""
    labels = figures["labels"]
    table = Table("true \\ found", *labels)
    for label, row in zip(labels, figures["confusion"], strict=True):
        table.add_row(label, *map(str, row))
    return table


def labels(figures: Mapping[str, Any]) -> Table:
    """Return area under the ROC curve, precision, recall and F1 of each label, with intervals."""
    heads = ("AUC", "precision", "recall", "F1")
    table = Table("", *heads, "examples", title=_title(figures))
    intervals = figures["intervals"]

    def cell(value: float | None, name: str) -> str:
        if value is None:
            return ""
        return (
            f"{value:.3f} ({_interval(intervals, name)})" if name in intervals else f"{value:.3f}"
        )

    for label, row in figures["labels"].items():
        names = ("auc", "precision", "recall", "f1")
        values = (cell(row[name], f"{name} {label}") for name in names)
        table.add_row(label, *values, str(row["support"]))
    table.add_section()
    area, f1 = (cell(figures[name], name) for name in ("macro_auc", "macro_f1"))
    table.add_row("mean", area, "", "", f1, "")
    return table


def overall(figures: Mapping[str, Any]) -> Table:
    """Return the figures of a score of anomaly."""
    table = Table("", "all", "balanced draws", "95 % of draws", title=_title(figures))
    balanced = figures["balanced"]
    for name in ("accuracy", "f1", "auc", "sensitivity", "specificity"):
        spread = balanced.get(name)
        drawn = (
            (f"{spread['mean']:.4f}", f"{spread['low']:.4f} to {spread['high']:.4f}")
            if (spread)
            else ("", "")
        )
        table.add_row(name, f"{figures[name]:.4f}", *drawn)
    return table


def _interval(intervals: Mapping[str, Any], name: str) -> str:
    if name not in intervals:
        return ""
    low, high = intervals[name]
    return f"{low:.3f} to {high:.3f}"
