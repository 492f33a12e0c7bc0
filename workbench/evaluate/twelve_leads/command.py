"""Score the networks of twelve leads and the baselines beside them, on what none has seen.

DATA holds PTB-XL and CPSC2018 as `ecg-monitor train ecg-diagnosis` reads them. The superclasses are
scored on PTB-XL's fold 10, each recording once, with 95 % intervals by drawing recordings anew, and
by how much ours exceeds each other model on the same draws; the nine labels on fold 10 and every
fifth recording of CPSC2018. The baselines are trained here, on folds 1 to 8. --features keeps what
was measured for them, which takes minutes.

  python -m workbench.evaluate.twelve_leads.command data/ --figures docs/figures/twelve-leads.json
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from ecg_monitor.core.errors import RecordError
from models.diagnosis import release
from models.diagnosis.data import sources
from models.diagnosis.data.collection import Collection
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.labels import SUPERCLASSES
from models.diagnosis.leads import FROM_I_AND_II, FloatArray
from workbench.evaluate.twelve_leads import compare
from workbench.results import figures
from workbench.training.twelve_lead import baselines, features


def main() -> int:
    """Score what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DATA", type=Path, help="folder of the data sets")
    parser.add_argument("--features", metavar="FILE", type=Path, help=".npz of expert features")
    figures.add_argument(parser)
    args = parser.parse_args()
    data, _ = sources.read_all(args.folder)
    values = scored(data, args.features)
    console = Console()
    for name in ("superclasses", "nine", "leads", "decisions"):
        held = values[name]["table"]
        console.print(name, highlight=False)
        for row in (held["columns"], *held["rows"]):
            console.print("  " + " | ".join(row), highlight=False, markup=False)
    console.print(values["without"], values["calibration"]["error"], values["timing"])
    if args.figures:
        figures.write(args.figures, values, [args.folder / "ptbxl", args.folder / "ptbxl_volts"])
    return 0


def scored(data: Collection, kept: Path | None) -> dict[str, Any]:
    """Return all figures; ``kept`` is a file of expert features, made if it is missing.

    Raises:
        RecordError: there is no PTB-XL among the data.
    """
    ptbxl = data.where(data.known[:, 0] > 0.5)
    if not len(ptbxl):
        raise RecordError("the superclasses are those of PTB-XL, which is not among the data")
    test = ptbxl.of("test")
    said: dict[str, FloatArray] = {}
    ours = DiagnosisNetwork.load()
    thresholds = ours.manifest.thresholds
    for name in (release.DEFAULT, *(n for n in release.names() if n.startswith("ptbxl"))):
        network = DiagnosisNetwork.load(name)
        said[name] = network.answers(test.ecg, test.mask, test.about)[:, : len(SUPERCLASSES)]
    said |= judged_by_baselines(ptbxl, kept)
    every = data.of("test")
    chances = ours.answers(every.ecg, every.mask, every.about)
    rng = np.random.default_rng(0)
    eight = FROM_I_AND_II @ rng.standard_normal((2, 5000)) * 0.2
    twelve = np.concatenate([eight, 0.2 * rng.standard_normal((6, 5000))])
    classes = compare.superclasses(said, compare.TITLES, test, release.DEFAULT)
    whole = classes["models"][release.DEFAULT]
    decided = compare.spread_of_decisions(said[release.DEFAULT], thresholds, test)
    return {
        "network": release.DEFAULT,
        "split": "patients",
        "examples": len(test),
        "notes": ["PTB-XL, official folds: 1 to 8 train, 9 stops, 10 is reported on"],
        "macro_auc": whole["auc"]["value"],
        "labels": {
            name: {"auc": value, "f1": decided["labels"][name]["f1"]}
            for name, value in whole["labels"].items()
        },
        "intervals": {
            "macro_auc": [whole["auc"]["low"], whole["auc"]["high"]],
            **{f"f1 {name}": [one["low"], one["high"]] for name, one in decided["labels"].items()},
        },
        "superclasses": classes,
        "nine": compare.nine_labels(chances, thresholds, every),
        "leads": compare.lead_subsets(ours, test),
        "without": compare.without(ours, test),
        "decisions": decided,
        "calibration": compare.calibration(chances, every),
        "timing": compare.timing(ours, twelve, 500.0),
        "weights": {name: release.read(name)[0].sha256[:12] for name in release.names()},
    }


def judged_by_baselines(data: Collection, kept: Path | None) -> dict[str, FloatArray]:
    """Train the baselines on the training part; return what they say of the test part."""
    train, test = (np.flatnonzero(data.part == part) for part in ("train", "test"))
    holds = data.labels[train][:, : len(SUPERCLASSES)]
    measured = expert_features(data, kept)
    said = {
        name: baselines.scores(make, measured[train], holds, measured[test])
        for name, make in baselines.MODELS.items()
    }
    drawn = baselines.untrained_features(data)
    make = baselines.MODELS["lr"]
    said["random-encoder"] = baselines.scores(make, drawn[train], holds, drawn[test])
    return said


def expert_features(data: Collection, kept: Path | None) -> FloatArray:
    """Return what an expert measures; kept by record, so that the file serves again."""
    if kept is not None and kept.is_file():
        with np.load(kept) as held:
            known = dict(zip(held["record"].tolist(), held["features"], strict=True))
        if (
            set(data.record.tolist()) <= set(known)
            and tuple(np.load(kept)["names"].tolist()) == features.NAMES
        ):
            return np.stack([known[name] for name in data.record.tolist()])
    measured = features.table(data)
    if kept is not None:
        np.savez(kept, record=data.record, features=measured, names=np.array(features.NAMES))
    return measured


if __name__ == "__main__":
    sys.exit(main())
