"""The networks that can be asked, by name."""

from __future__ import annotations

from typing import Any

from gateway.scoring import beats, window, zoo
from models.beats.dataset import CLASSES


def offers() -> list[dict[str, Any]]:
    """Return what is told of each network: name, title, what it takes and gives."""
    best = {n: row.name for n in beats.LENGTHS if (row := zoo.best_for(n)) is not None}
    alone = [
        {
            "name": row.name,
            "title": row.title,
            "takes": "beat",
            "samples": [row.sees.samples],
            "fs": row.sees.fs,
            "labels": list(row.labels) if row.task == "beat" else ["normal", zoo.ABNORMAL],
            "default_for": [n for n, name in best.items() if name == row.name],
        }
        for row in zoo.offered()
    ]
    return [*alone, *_live([n for n in beats.LENGTHS if n not in best])]


def _live(default_for: list[int]) -> list[dict[str, Any]]:
    """Return the networks that run live."""
    return [
        {
            "name": beats.AUTOENCODER,
            "title": "Autoencoder that runs live, without a patient's template",
            "takes": "beat",
            "samples": list(beats.LENGTHS),
            "fs": None,
            "labels": [],
            "default_for": default_for,
        },
        {
            "name": window.NAME,
            "title": "Engine and networks that follow patients live",
            "takes": "window",
            "samples": [],
            "fs": None,
            "labels": list(CLASSES),
            "default_for": [],
        },
    ]
