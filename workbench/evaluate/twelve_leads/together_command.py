"""Ask several models together, and see how much more patients would teach.

DATA holds PTB-XL. Weights of the mean of all models, and what stacks them, are fitted on fold 9;
then they are scored on fold 10, beside the plain mean and beside ours, on the same draws of
recordings: with --report, since each look at fold 10 is written down in the model card. The
learning curve, of expert features by boosted trees and by logistic regression, is scored on fold 9.

  python -m workbench.evaluate.twelve_leads.together_command data/ --features kept.npz
  python -m workbench.evaluate.twelve_leads.together_command data/ --report --figures together.json
  python -m workbench.evaluate.twelve_leads.together_command data/ --picture learning-curve.png
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from ecg_monitor.core.errors import RecordError
from models.diagnosis import release
from models.diagnosis.data import sources
from models.diagnosis.data.collection import Collection, Part
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import FloatArray
from models.diagnosis.training.metrics import aucs
from workbench.evaluate.twelve_leads import together
from workbench.evaluate.twelve_leads.command import expert_features
from workbench.results import figures
from workbench.training.twelve_lead import baselines

TREES = ("lgb", "rf")
CLASSES = together.CLASSES


def main() -> int:
    """Score what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DATA", type=Path, help="folder of the data sets")
    parser.add_argument("--features", metavar="FILE", type=Path, help=".npz of expert features")
    parser.add_argument("--report", action="store_true", help="look at fold 10")
    parser.add_argument("--picture", metavar="FILE", type=Path, help="draw the learning curve")
    figures.add_argument(parser)
    args = parser.parse_args()
    found = sources.read_ptbxl(args.folder)
    if found is None:
        raise RecordError(f"{args.folder}: no PTB-XL, which these models are scored on")
    values = scored(found[0], expert_features(found[0], args.features), report=args.report)
    for name in ("curve", "together"):
        if name in values:
            for row in (values[name]["table"]["columns"], *values[name]["table"]["rows"]):
                print("  " + " | ".join(row))
    print(values["weights"], values["validation"])
    if args.picture:
        together.draw_curve(values["curve"], args.picture)
    if args.figures:
        figures.write(args.figures, values, [args.folder / "ptbxl", args.folder / "ptbxl_volts"])
    return 0


def scored(data: Collection, features: FloatArray, *, report: bool) -> dict[str, Any]:
    """Return the learning curve, the weights, and how the models do together.

    Args:
        data: PTB-XL.
        features: what an expert measures of each row.
        report: whether fold 10 is looked at.
    """
    rows = {part: np.flatnonzero(data.part == part) for part in ("train", "validation", "test")}
    train, validation = data.of("train"), data.of("validation")
    asked = features[rows["validation"]]
    said = _said(data, features, rows, "validation")
    holds, known = validation.labels[:, :CLASSES], validation.known[:, :CLASSES]
    weights = together.chosen_weights(said, holds)
    values: dict[str, Any] = {
        "curve": together.learning_curve(features[rows["train"]], train, asked, validation),
        "weights": weights,
        "validation": {
            name: float(np.nanmean(aucs(scores, holds, known)))
            for name, scores in {**said, "weighted": together.mean_of(said, weights)}.items()
        },
    }
    if report:
        told = _said(data, features, rows, "test")
        plain = dict.fromkeys(told, 1 / len(told))
        ways = {
            "ours alone": told[release.DEFAULT],
            "vote: plain mean of all": together.mean_of(told, plain),
            "mean weighted on fold 9": together.mean_of(told, weights),
            "stacked on fold 9": together.stacked(said, holds, told),
        }
        values["together"] = together.held_against(ways, "ours alone", data.of("test"))
    return values


def _said(
    data: Collection, features: FloatArray, rows: dict[str, Any], part: Part
) -> dict[str, FloatArray]:
    """Return what every model says of a part, shape (n, 5) each."""
    asked = data.of(part)
    said: dict[str, FloatArray] = {}
    for name in (release.DEFAULT, *(n for n in release.names() if n.startswith("ptbxl"))):
        network = DiagnosisNetwork.load(name)
        said[name] = network.answers(asked.ecg, asked.mask, asked.about)[:, :CLASSES]
    told = data.labels[rows["train"]][:, :CLASSES]
    for name in TREES:
        said[name] = baselines.scores(
            baselines.MODELS[name], features[rows["train"]], told, features[rows[part]]
        )
    return said


if __name__ == "__main__":
    sys.exit(main())
