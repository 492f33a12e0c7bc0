"""Show which leads the networks of twelve leads live on, by label, and for one recording over time.

DATA holds PTB-XL and CPSC2018 as `ecg-monitor train ecg-diagnosis` reads them. Asked are the
validation recordings: fold 9, and every fifth of CPSC2018; the test recordings are not read.

  python -m workbench.explain_networks.leads_command data/ --figures docs/figures/leads.json
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from models.diagnosis import release
from models.diagnosis.data import sources
from models.diagnosis.data.collection import Collection
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import STANDARD
from workbench.explain_networks import leads, pictures
from workbench.results import figures

SHOWN_LABEL = "PVC"
"""Finding whose recording is looked at over time: one that comes and goes."""


def main() -> int:
    """Ask what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DATA", type=Path, help="folder of the data sets")
    parser.add_argument("--pictures", metavar="DIR", type=Path, help="write PNG files there")
    figures.add_argument(parser)
    args = parser.parse_args()
    data = sources.read_all(args.folder)[0].of("validation")
    values = measured(data)
    for name, one in values["networks"].items():
        print(name, one["told"])
    for part in (values["alone"], values["claims"]):
        for row in (part["table"]["columns"], *part["table"]["rows"]):
            print("  " + " | ".join(row))
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
        draw(values, data, args.pictures)
    if args.figures:
        names = ("ptbxl", "ptbxl_volts", "cpsc2018")
        figures.write(args.figures, values, [args.folder / name for name in names])
    return 0


def measured(data: Collection) -> dict[str, Any]:
    """Return what each network loses without each lead, and what ours makes of one alone."""
    names = [release.DEFAULT, *(name for name in release.names() if name.startswith("ptbxl"))]
    networks = {}
    for name in names:
        network = DiagnosisNetwork.load(name)
        complete = (
            data if name == release.DEFAULT else data.where(data.mask.min(axis=1) > 0)
        )  # the others need all leads
        networks[name] = leads.importance(network, complete)
    ours = DiagnosisNetwork.load()
    return {
        "recordings": len(data),
        "networks": networks,
        "alone": leads.alone(ours, data),
        "claims": leads.claims(ours, data),
    }


def draw(values: dict[str, Any], data: Collection, out: Path) -> None:
    """Write the heat map of leads by labels, and that of one recording by seconds."""
    lost = values["networks"][release.DEFAULT]["lost"]
    heat = np.array([[lost[label][lead] for lead in STANDARD] for label in lost])
    title = f"{release.DEFAULT}: fall of the log odds without a lead, validation recordings"
    pictures.heat(out / "leads-by-label.png", heat, tuple(lost), STANDARD, title, "+.2f")
    network = DiagnosisNetwork.load()
    if SHOWN_LABEL not in lost:
        return
    column, _, holds = leads.told_of(network, data)[SHOWN_LABEL]
    chances = network.answers(data.ecg, data.mask, data.about)[:, column]
    row = int(np.where(holds, chances, -1.0).argmax())
    fall = leads.over_time(network, data, row, SHOWN_LABEL)
    title = f"{data.record[row]}: fall of the log odds of {SHOWN_LABEL} without a second of a lead"
    path = out / "leads-over-time.png"
    pictures.leads_over_time(path, data.ecg[row], fall, title, 100.0)


if __name__ == "__main__":
    sys.exit(main())
