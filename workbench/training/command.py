"""Train a network, from a folder of data to weights.

Those that run live have trainings of their own:

  qrs          the QRS detector's network
  beats        the AAMI beat classifier (N S V F; Q by signal quality)
  autoencoder  the score of how unusual a beat is for its patient

For them everything is decided on de Chazal's training half of MIT-BIH, DS1; the other half, DS2,
is not read. Twelve-lead recordings have one as well:

  ecg-diagnosis  fourteen labels of any of twelve leads

The other networks of `ecg-monitor models` share one trainer. Recordings come from
`ecg-monitor data fetch`.

  ecg-monitor train beats mitdb/ --out trained/beats
  ecg-monitor train beats mitdb/ --seed 7 --members 1 --epochs 4
  ecg-monitor train autoencoder mitdb/
  ecg-monitor train qrs data/ --check
  ecg-monitor train cnn-1d mitdb/ --split patients
  ecg-monitor train MODEL --help

--out gets the weights and the figures; the help of a model says how its weights come into use.
Training needs torch, lightning and onnx: `make setup-train`, or pip install 'ecg-monitor[train]'.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from pathlib import Path

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from models.zoo import registry

ZOO = "workbench.training.zoo"
"""Module that trains the networks of the zoo."""
MODELS = {
    "qrs": "workbench.training.qrs.command",
    "beats": "workbench.training.beats.command",
    "autoencoder": "models.autoencoder.training.command",
    "ecg-diagnosis": "models.diagnosis.training.command",
    **{network.name: ZOO for network in registry.networks() if network.trainable},
}
"""Model -> module that trains it, with `add_arguments` and `main` like a subcommand."""
NEEDED = ("torch", "lightning", "onnx")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: those common to all models, then each model's own."""
    models = parser.add_subparsers(dest="model", metavar="MODEL", required=True)
    for name, path in MODELS.items():
        module = importlib.import_module(path)
        summary = (module.__doc__ or "").split("\n", 1)[0]
        if path == ZOO:
            summary = registry.network(name).title
        model = models.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        model.add_argument("folder", metavar="DB_DIR", type=Path, help="folder of recordings")
        model.add_argument("--out", metavar="DIR", type=Path, default=Path("trained") / name)
        model.add_argument("--seed", type=int, default=0, help="seed of everything (default 0)")
        module.add_arguments(model)


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Train the model that was asked for.

    Raises:
        SettingsError: what training needs is not installed, or an option is out of range.
        RecordError: recordings are missing or cannot be read.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"train: {' and '.join(missing)} not installed; run `make setup-train`, or "
            "pip install 'ecg-monitor[train]'"
        )
    module = importlib.import_module(MODELS[args.model])
    status: int = module.main(args, settings)
    return status
