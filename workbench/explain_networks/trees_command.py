"""Show what each feature adds to the answers of the trees on expert features, by SHAP.

DATA holds PTB-XL. Trees are trained on folds 1 to 8 and explained on fold 9, boosted trees for all
superclasses, the forest, whose trees are deep, for conduction disturbance. Each is held against
trees that were trained on dealt labels.

  python -m workbench.explain_networks.trees_command data/ --pictures shown/
  python -m workbench.explain_networks.trees_command data/ --features kept.npz --figures trees.json
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from models.diagnosis.data.collection import Collection
from models.diagnosis.labels import SUPERCLASSES
from models.diagnosis.leads import FloatArray
from workbench.evaluate.twelve_leads.command import expert_features
from workbench.evaluate.twelve_leads.compare import table
from workbench.explain_networks import examples, pictures, trees
from workbench.results import figures
from workbench.training.twelve_lead import features

CLASSES = tuple(label.name for label in SUPERCLASSES)
DRAWN = "CD"
"""Superclass whose trees are drawn, and that the forest is explained for."""
TOLD = 5
"""Features that the table names."""


def main() -> int:
    """Explain the trees; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DATA", type=Path, help="folder of the data sets")
    parser.add_argument("--pictures", metavar="DIR", type=Path, help="write PNG files there")
    parser.add_argument("--features", metavar="FILE", type=Path, help=".npz of expert features")
    figures.add_argument(parser)
    args = parser.parse_args()
    whole = examples.ptbxl(args.folder)
    values = explained(whole, expert_features(whole, args.features), args.pictures)
    if args.figures:
        figures.write(args.figures, values, [args.folder / "ptbxl", args.folder / "ptbxl_volts"])
    return 0


def explained(whole: Collection, measured: FloatArray, out: Path | None) -> dict[str, Any]:
    """Return the most important features of every model and label, and of dealt labels.

    Args:
        whole: PTB-XL.
        measured: expert features of its rows.
        out: folder of pictures; None: none are drawn.
    """
    train, asked = whole.part == "train", whole.part == "validation"
    rows, values = [], {}
    for name, label in [*(("lgb", label) for label in CLASSES), ("rf", DRAWN)]:
        holds = whole.labels[train, CLASSES.index(label)] > 0.5
        few = measured[asked][: trees.FOREST_ROWS] if name == "rf" else measured[asked]
        found = trees.explain(name, measured[train], holds, few)
        top = trees.most_important(found.values, features.NAMES)
        values[f"{name} {label}"] = {"features": top, "dealt_labels": found.shuffled}
        rows.append([f"`{name}`", label, ", ".join(top[:TOLD]), f"{found.shuffled:+.2f}"])
        print(" | ".join(rows[-1]), flush=True)
        if out and (name, label) == ("lgb", DRAWN):
            out.mkdir(parents=True, exist_ok=True)
            first = int(found.answers.argmax())
            order = np.r_[first, np.delete(np.arange(len(few)), first)]
            titles = (
                "boosted trees, conduction disturbance, fold 9",
                f"{whole.record[asked][first]}: one recording",
            )
            path = out / "explain-trees.png"
            pictures.trees(path, found.values[order], few[order], features.NAMES, titles)
    columns = ["model", "label", "features that add most", "rank correlation, dealt labels"]
    return {"labels": values, "table": table(columns, rows)}


if __name__ == "__main__":
    sys.exit(main())
