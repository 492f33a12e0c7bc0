"""The networks that can be asked, by name."""

from __future__ import annotations

from typing import Any

from gateway.scoring import beats, window
from models.beats.dataset import CLASSES


def offers() -> list[dict[str, Any]]:
    """Return what is told of each network: name, title, what it takes and gives."""
    return [
        {
            "name": beats.AUTOENCODER,
            "title": "Autoencoder that runs live, without a patient's template",
            "takes": "beat",
            "samples": list(beats.LENGTHS),
            "fs": None,
            "labels": [],
            "scores_anomaly": True,
            "default_for": list(beats.LENGTHS),
        },
        {
            "name": window.NAME,
            "title": "Engine and networks that follow patients live",
            "takes": "window",
            "samples": [],
            "fs": None,
            "labels": list(CLASSES),
            "scores_anomaly": True,
            "default_for": [],
        },
    ]
