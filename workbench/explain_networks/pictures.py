"""Draws maps behind the signals that they are about, and what features add to a tree's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.diagnosis.leads import STANDARD
from workbench.explain_networks.subject import Floats

FAVOUR, AGAINST = "#c0392b", "#1f5fa8"
"""Colours of what speaks for a label and of what speaks against it."""
CLIP = 99.0
"""Percentile of a map's size at which its tint is full."""
SHOWN = 12
"""Features of a tree that are drawn."""


def figure(width: float, height: float) -> Any:
    """Return an empty figure, in inches."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # of the extra for training

    return Figure(figsize=(width, height), layout="constrained")


def tint(
    axes: Any, signal: npt.NDArray[np.floating], weights: Floats, fs: float, full: float = 0.0
) -> None:
    """Draw a signal over its map: red speaks for the label, blue against it.

    Args:
        axes: where.
        signal: shape (samples,).
        weights: shape (samples,), signed or not.
        fs: Hz.
        full: weight at which the tint is full; 0: by the map itself.
    """
    time = np.arange(len(signal)) / fs
    full = full or float(np.percentile(np.abs(weights), CLIP)) or 1.0
    low, high = float(signal.min()), float(signal.max())
    margin = 0.08 * ((high - low) or 1.0)
    extent = (0.0, float(time[-1]), low - margin, high + margin)
    axes.imshow(
        (weights / full)[None],
        cmap="RdBu_r",
        vmin=-1.3,
        vmax=1.3,
        aspect="auto",
        extent=extent,
        interpolation="nearest",
    )
    axes.plot(time, signal, color="black", linewidth=0.9)
    axes.set(xlim=extent[:2], ylim=extent[2:])
    axes.set_yticks([])


def beats(
    path: Path,
    signal: Floats,
    names: Sequence[str],
    maps: Mapping[str, Floats],
    fs: float,
    *,
    full: float = 0.0,
    width: float = 3.1,
) -> None:
    """Write a grid: a row a beat, a column a network with its method.

    Args:
        path: PNG file to write.
        signal: shape (n, 1, samples).
        names: of the beats.
        maps: by title of the column, each of shape (n, 1, samples).
        fs: Hz.
        full: weight at which the tint is full; 0: each map by itself.
        width: of a column, inches.
    """
    drawn = figure(width * len(maps), 1.75 * len(signal))
    grid = drawn.subplots(len(signal), len(maps), squeeze=False)
    for column, (title, weights) in enumerate(maps.items()):
        grid[0, column].set_title(title, fontsize=10)
        for row, name in enumerate(names):
            axes = grid[row, column]
            tint(axes, signal[row, 0], weights[row, 0], fs, full)
            axes.tick_params(labelsize=7, labelbottom=row == len(names) - 1)
            if column == 0:
                axes.set_ylabel(name, fontsize=9)
    for axes in grid[-1]:
        axes.set_xlabel("s from the beginning of the beat", fontsize=8)
    drawn.savefig(path, dpi=80)


def twelve_leads(path: Path, signal: Floats, weights: Floats, title: str, fs: float) -> None:
    """Write twelve leads, each over its map; all maps have the same scale.

    Args:
        path: PNG file to write.
        signal: shape (12, samples).
        weights: shape (12, samples).
        title: over it.
        fs: Hz.
    """
    drawn = figure(13, 11)
    drawn.suptitle(title, fontsize=11)
    full = float(np.percentile(np.abs(weights), CLIP)) or 1.0
    rows = drawn.subplots(len(STANDARD), 1, sharex=True)
    for axes, lead, row, part in zip(rows, STANDARD, signal, weights, strict=True):
        tint(axes, row, part, fs, full)
        axes.set_ylabel(lead, rotation=0, ha="right", va="center")
    rows[-1].set_xlabel("s")
    drawn.savefig(path, dpi=80)


def leads_over_time(
    path: Path, signal: Floats, fall: npt.NDArray[np.floating], title: str, fs: float
) -> None:
    """Write twelve leads, each over what every piece of it counts for; all have one scale.

    Args:
        path: PNG file to write.
        signal: shape (12, samples).
        fall: of the log odds without each piece, shape (12, pieces of equal length).
        title: over it.
        fs: Hz.
    """
    length = signal.shape[1] // fall.shape[1]
    twelve_leads(path, signal, np.repeat(fall, length, axis=1).astype(np.float32), title, fs)


def heat(
    path: Path,
    values: npt.NDArray[np.floating],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    form: str,
) -> None:
    """Write a heat map with its numbers.

    Args:
        path: PNG file to write.
        values: shape (rows, columns); NaN is left blank.
        rows: names of the rows.
        columns: names of the columns.
        title: over it.
        form: how its numbers are written, as in ``+.2f``.
    """
    drawn = figure(0.75 * len(columns) + 2, 0.42 * len(rows) + 1.2)
    axes = drawn.subplots()
    full = float(np.nanmax(np.abs(values))) or 1.0
    axes.imshow(values, cmap="RdBu_r", vmin=-full, vmax=full, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            color = "white" if abs(value) > 0.6 * full else "black"
            text = format(value, form)
            axes.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_title(title, fontsize=10)
    drawn.savefig(path, dpi=90)


def trees(
    path: Path,
    values: npt.NDArray[np.floating],
    features: npt.NDArray[np.floating],
    names: Sequence[str],
    titles: tuple[str, str],
) -> None:
    """Write what features add: over all recordings at the left, to one of them at the right.

    Args:
        path: PNG file to write.
        values: SHAP values, shape (n, features); the first row is the one at the right.
        features: what was measured, shape (n, features).
        names: of the features.
        titles: of both sides.
    """
    drawn = figure(13, 5.2)
    left, right = drawn.subplots(1, 2)
    order = np.argsort(-np.abs(values).mean(axis=0))[:SHOWN][::-1]
    rng = np.random.default_rng(0)
    for place, number in enumerate(order):
        ranks = features[:, number].argsort().argsort() / max(len(features) - 1, 1)
        height = place + rng.uniform(-0.28, 0.28, len(values))
        dots = left.scatter(values[:, number], height, c=ranks, cmap="coolwarm", s=8)
    left.set_yticks(range(len(order)), [names[number] for number in order], fontsize=8)
    left.axvline(0, color="grey", linewidth=0.7)
    left.set(title=titles[0], xlabel="adds to the log odds")
    drawn.colorbar(dots, ax=left, label="feature: low to high, by rank")
    one = values[0]
    order = np.argsort(-np.abs(one))[:SHOWN]
    rest = one.sum() - one[order].sum()
    steps = np.append(one[order], rest)
    labels = [f"{names[number]} = {features[0, number]:.3g}" for number in order] + ["all others"]
    ends = np.cumsum(steps)
    places = np.arange(len(steps))[::-1]
    colors = [FAVOUR if step > 0 else AGAINST for step in steps]
    right.barh(places, steps, left=ends - steps, color=colors)
    right.set_yticks(places, labels, fontsize=8)
    right.axvline(0, color="grey", linewidth=0.7)
    right.set(title=titles[1], xlabel="log odds, from the mean of the training part on")
    drawn.savefig(path, dpi=80)
