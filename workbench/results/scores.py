"""Writes what pages tell of the test of the twelve-lead network, from the figures of its card.

python -m workbench.results.scores
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.diagnosis.scores import FILE

FIGURES = Path(__file__).parents[2] / "docs" / "figures" / "twelve-leads.json"


def scores() -> dict[str, Any]:
    """Return what is to stand in the file: ``network``, ``weights``, ``labels``."""
    told = json.loads(FIGURES.read_text(encoding="utf-8"))["values"]
    network, groups = told["network"], told["superclasses"]
    labels = {
        label: {
            "auc": auc,
            "f1": told["labels"][label]["f1"],
            "positives": groups["positives"][label],
            "windows": groups["recordings"],
        }
        for label, auc in groups["models"][network]["labels"].items()
    }
    for label, found in told["nine"]["labels"].items():
        labels[label] = {name: found[name] for name in ("auc", "f1", "positives", "windows")}
    return {"network": network, "weights": told["weights"][network], "labels": labels}


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(scores(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
