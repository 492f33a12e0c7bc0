"""Writes the result of a training: weights, manifest, figures of the folds, plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from models.beats import weights
from models.beats.dataset import SPLICED, BeatSet
from models.beats.training import plots, weighting
from models.beats.training.export import to_onnx
from models.beats.training.loop import Settings, TrainingResult, seeds
from models.beats.training.regimes import NAMES
from models.beats.training.scores import class_scores, confusion, summary, weighted_confusion

FEWEST = 10
"""Fewest S or V beats of a record that is listed on its own."""


def write(
    folder: Path,
    trained: TrainingResult,
    settings: Settings,
    records: Sequence[str],
    mean_beats: plots.MeanBeats,
) -> dict[str, Any]:
    """Write all into a folder; return the manifest's own part.

    Each member is written alone too (``member0/`` ...), to measure the spread over seeds.

    Args:
        folder: folder to write to.
        trained: result of the training.
        settings: settings of the training.
        records: names of the records that were trained on.
        mean_beats: average beats for the plot of the average beat per class.
    """
    beats = trained.fold_beats
    found = np.argmax(trained.fold_logs + np.log(trained.factors), axis=1)
    figures: dict[str, Any] = {
        "training": {
            **asdict(settings),
            "epochs_run": trained.epochs,
            "trees_grown": trained.tree_count,
            "records": list(records),
        },
        "folds": summary(confusion(beats.labels[beats.real], found[beats.real])),
        "folds_by_record": _by_record(beats, found),
        "folds_macro": _macro(beats, found),
        "made_rhythms": _made_rhythms(beats, found),
        "calibration": {
            "sharpness": trained.calibration.sharpness,
            "offsets": trained.calibration.offsets.tolist(),
        },
    }
    network = to_onnx(trained.members, trained.calibration)
    weights.save(folder, network, trained.factors, {**figures, "seeds": list(seeds(settings))})
    for number, member in enumerate(trained.members):
        alone = to_onnx([member], trained.calibration)
        seed = {"seeds": [list(seeds(settings))[number]]}
        weights.save(folder / f"member{number}", alone, trained.factors, {**figures, **seed})
    plots.write(folder, trained, confusion(beats.labels[beats.real], found[beats.real]), mean_beats)
    return figures


def _by_record(beats: BeatSet, found: plots.Indices) -> dict[str, Any]:
    """Return Se, +P and false ones per 1000 of S and V, of each record that has enough of them."""
    figures: dict[str, Any] = {}
    for record in np.unique(beats.records):
        mine = beats.real & (beats.records == record)
        counts = confusion(beats.labels[mine], found[mine])
        row = {}
        for index, name in ((1, "S"), (2, "V")):
            se, ppv, _ = class_scores(counts, index)
            false = float(counts[:, index].sum() - counts[index, index])
            row[f"false_{name}_per_1000"] = round(1000.0 * false / float(counts.sum()), 1)
            if counts[index].sum() >= FEWEST:
                row |= {f"{name}_se": round(se, 3), f"{name}_ppv": round(ppv, 3)}
        figures[str(record)] = row
    return figures


def _macro(beats: BeatSet, found: plots.Indices) -> dict[str, Any]:
    """Return figures in which ectopic beats of one record and class count at most `MOST`."""
    weight = weighting.judging(beats)[beats.real]
    counts = weighted_confusion(beats.labels[beats.real], found[beats.real], weight)
    figures = summary(counts)
    del figures["confusion"]
    return figures


def _made_rhythms(beats: BeatSet, found: plots.Indices) -> dict[str, Any]:
    """Return per made rhythm the S or V beats found, and the classes that N beats got."""
    figures: dict[str, Any] = {}
    for kind in np.unique(beats.variants[beats.spliced]):
        mine = beats.variants == kind
        counts = confusion(beats.labels[mine], found[mine])
        row = {
            "S_per_1000_N": round(1000.0 * float(counts[0, 1] / counts[0].sum()), 1),
            "V_per_1000_N": round(1000.0 * float(counts[0, 2] / counts[0].sum()), 1),
        }
        for index, name in ((1, "S"), (2, "V")):
            if counts[index].sum():
                row[f"{name}_se"] = round(class_scores(counts, index)[0], 3)
        figures[NAMES[int(kind) - SPLICED]] = row
    return figures
