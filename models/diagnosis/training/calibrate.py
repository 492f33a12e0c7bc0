"""Brings trained members into a released network: temperature and thresholds from validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import nn

from models.diagnosis import release
from models.diagnosis.data.collection import Collection
from models.diagnosis.training.export import Ensemble, to_onnx
from models.diagnosis.training.loop import predict
from models.diagnosis.training.metrics import aucs, best_threshold, temperature

FEWEST, LEAST_AUC = 10, 0.75
"""A label with fewer positives in the validation part, or hardly told there, keeps `UNSURE`."""
UNSURE = 0.5
DIGITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What the validation part decides.

    Attributes:
        temperature: what logits are divided by.
        thresholds: one per label, the largest F1 on the validation part.
        auc: AUC of each label on the validation part.
    """

    temperature: float
    thresholds: tuple[float, ...]
    auc: tuple[float, ...]


def calibrate(logits: npt.NDArray[np.float64], validation: Collection) -> Calibration:
    """Choose temperature and thresholds.

    Args:
        logits: of the validation part, shape (n, labels or more).
        validation: what they were made of.
    """
    labels = len(validation.names)
    found = logits[:, :labels]
    heat = temperature(found, validation.labels, validation.known)
    chances = 1 / (1 + np.exp(-found / heat))
    areas = aucs(found, validation.labels, validation.known)
    thresholds = []
    for i in range(labels):
        seen = validation.known[:, i] > 0.5
        holds = validation.labels[seen, i]
        told = holds.sum() >= FEWEST and areas[i] >= LEAST_AUC
        thresholds.append(best_threshold(chances[seen, i], holds) if told else UNSURE)
    return Calibration(
        heat,
        tuple(round(value, DIGITS) for value in thresholds),
        tuple(round(float(area), DIGITS) for area in areas),
    )


def mean_logits(members: Sequence[nn.Module], data: Collection) -> npt.NDArray[np.float64]:
    """Return the mean of several networks' logits, shape (len(data), outputs)."""
    return np.mean([predict(member, data) for member in members], axis=0)


def released(
    members: Sequence[nn.Module], validation: Collection, about: Mapping[str, object]
) -> tuple[release.Manifest, bytes]:
    """Return manifest and ONNX file of the mean of some members.

    Args:
        members: trained networks with the same outputs.
        validation: what decides temperature and thresholds.
        about: how they were trained; goes into the manifest.
    """
    found = calibrate(mean_logits(members, validation), validation)
    names = validation.names
    model = to_onnx(Ensemble(members, len(names), found.temperature))
    manifest = release.Manifest(
        name=release.DEFAULT,
        version=1,
        labels=names,
        thresholds=found.thresholds,
        needs=(),
        training={
            **about,
            "members": len(members),
            "temperature": round(found.temperature, DIGITS),
            "validation_auc": dict(zip(names, found.auc, strict=True)),
        },
    )
    return manifest, model
