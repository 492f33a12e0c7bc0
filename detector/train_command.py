"""Train one of the models that run live, from a folder of recordings to weights.

beats: the AAMI beat classifier (N S V F; Q by signal quality). Everything is decided on
record-grouped folds of de Chazal's DS1; the other half, DS2, is not read.

  ecg-monitor train beats mitdb/ --out trained/
  ecg-monitor train beats mitdb/ --seed 7 --members 1 --epochs 4

--out gets the weights, their manifest, the log and the plots. Copy the weights to models/beats/
weights/ to use them.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from ecg_monitor.settings import Settings

MODELS = {
    "beats": "detector.train_beats",
}
"""Model -> module that trains it, with `add_arguments` and `main` like a subcommand."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: those common to all models, then each model's own."""
    models = parser.add_subparsers(dest="model", metavar="MODEL", required=True)
    for name, path in MODELS.items():
        module = importlib.import_module(path)
        model = models.add_parser(
            name,
            help=(module.__doc__ or "").split("\n", 1)[0],
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        model.add_argument("folder", metavar="DB_DIR", type=Path, help="folder of recordings")
        model.add_argument("--out", metavar="DIR", type=Path, default=Path("trained") / name)
        model.add_argument("--seed", type=int, default=0, help="seed of everything (default 0)")
        module.add_arguments(model)


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Train the model that was asked for."""
    module = importlib.import_module(MODELS[args.model])
    status: int = module.main(args, settings)
    return status
