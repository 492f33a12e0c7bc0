"""The signals that networks are explained on: of validation parts, never of what is reported on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import read_record
from models.autoencoder.training import ecg5000
from models.diagnosis.data import sources
from models.diagnosis.data.collection import Collection
from models.zoo.data import mitbih
from workbench.explain_networks.subject import Floats

SEED = 0
EACH = 4
"""Examples of a class."""


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedSignals:
    """Signals, each with the label that its map is about.

    Attributes:
        signal: float32, shape (n, leads, samples).
        targets: index of the label, int64, shape (n,).
        names: record and label of each.
    """

    signal: Floats
    targets: npt.NDArray[np.int64]
    names: tuple[str, ...]


def beats(folder: Path, labels: Sequence[str], each: int = EACH) -> ExplainedSignals:
    """Return beats of the records of DS1 that decide when training stops, each class alike.

    Args:
        folder: MIT-BIH.
        labels: of the network; a class without any beat there is left out.
        each: beats of a class.
    """
    parts = [mitbih.beats(read_record(folder / name)) for name in mitbih.HELD_OUT]
    inputs, targets, groups = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("inputs", "targets", "groups")
    )
    rng = np.random.default_rng(SEED)
    rows = np.concatenate(
        [rng.permutation(np.flatnonzero(targets == number))[:each] for number in range(len(labels))]
    )
    names = tuple(f"{groups[row]}, {labels[targets[row]]}" for row in rows)
    return ExplainedSignals(inputs[rows], targets[rows].astype(np.int64), names)


def anomalies(folder: Path) -> ExplainedSignals:
    """Return beats of the training half of ECG5000; no abnormal one has trained the autoencoder."""
    half = ecg5000.read(folder, "TRAIN")
    rng = np.random.default_rng(SEED)
    rows = np.concatenate(
        [
            rng.permutation(np.flatnonzero(half.abnormal == abnormal))[: 2 * EACH]
            for abnormal in (False, True)
        ]
    )
    names = tuple("abnormal" if half.abnormal[row] else "normal" for row in rows)
    return ExplainedSignals(half.beats[rows][:, None], np.zeros(len(rows), np.int64), names)


def ptbxl(folder: Path) -> Collection:
    """Return PTB-XL, whose fold 9 is what networks and trees are explained on.

    Raises:
        RecordError: there is no PTB-XL in the folder.
    """
    found = sources.read_ptbxl(folder)
    if found is None:
        raise RecordError(f"{folder}: no PTB-XL, whose fold 9 the networks are explained on")
    return found[0]


def recordings(fold: Collection, labels: Sequence[str], each: int = EACH) -> ExplainedSignals:
    """Return recordings that have each of the labels; a label without any is left out."""
    rng = np.random.default_rng(SEED)
    rows, targets = [], []
    for number, label in enumerate(labels):
        column = fold.names.index(label)
        holds = (fold.labels[:, column] > 0.5) & (fold.known[:, column] > 0.5)
        chosen = rng.permutation(np.flatnonzero(holds))[:each]
        rows.extend(chosen.tolist())
        targets.extend([number] * len(chosen))
    names = tuple(
        f"{fold.record[row]}, {labels[target]}" for row, target in zip(rows, targets, strict=True)
    )
    return ExplainedSignals(fold.ecg[rows], np.array(targets, np.int64), names)
