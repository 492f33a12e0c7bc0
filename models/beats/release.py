"""Writes what training brought: weights, manifest, figures of the folds, plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from models.beats import plots, weights
from models.beats.export import to_onnx
from models.beats.scores import confusion, summary
from models.beats.training import Settings, Trained, seeds


def write(
    folder: Path, trained: Trained, settings: Settings, records: Sequence[str]
) -> dict[str, Any]:
    """Write all into a folder; return the manifest's own part.

    Each member is written alone too (``member0/`` ...), so that the spread over seeds can be told.
    """
    found = np.argmax(trained.fold_logs + np.log(trained.factors), axis=1)
    counts = confusion(trained.fold_beats.labels, found)
    told: dict[str, Any] = {
        "training": {**asdict(settings), "epochs_run": trained.epochs, "records": list(records)},
        "folds": summary(counts),
        "calibration": {
            "sharpness": trained.calibration.sharpness,
            "offsets": trained.calibration.offsets.tolist(),
        },
    }
    network = to_onnx(trained.members, trained.calibration)
    weights.save(folder, network, trained.factors, {**told, "seeds": list(seeds(settings))})
    for number, member in enumerate(trained.members):
        alone = to_onnx([member], trained.calibration)
        seed = {"seeds": [list(seeds(settings))[number]]}
        weights.save(folder / f"member{number}", alone, trained.factors, {**told, **seed})
    plots.write(folder, trained, counts)
    return told
