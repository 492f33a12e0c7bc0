"""Train a network of the zoo, from a folder of data to weights, curves and figures.

For networks of beats DB_DIR holds WFDB records of MIT-BIH or the tables of Kachuee 2018, for the
autoencoder ECG5000, for those of twelve leads PTB-XL (as published) or, for resnet34-12lead,
recordings with #Dx: lines (CPSC2018); `ecg-monitor models NAME` says what a network sees. --out
gets NAME.onnx with its manifest, curves.csv and curves.png, and last.ckpt, from which --resume goes
on: a resumed training gives the weights that an uninterrupted one would have given.

  ecg-monitor train cnn-1d mitdb/ --split patients
  ecg-monitor train cnn-bilstm-attention mitdb/ --epochs 30 --seed 7 --device cpu
  ecg-monitor train cnn-1d mitdb/ --resume trained/cnn-1d/last.ckpt
  ecg-monitor train hybrid-autoencoder ecg5000/
  ecg-monitor train ptbxl-cnn data/ --seed 1
  ecg-monitor train ptbxl-lstm data/ --epochs 20
  ecg-monitor train ptbxl-hybrid data/
  ecg-monitor train resnet34-12lead cpsc2018/ --batch-size 16 --device cuda
  ecg-monitor train resnet34-12lead cpsc2018/ --fs 250 --batch-size 8 --device cpu
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from ecg_monitor.core.settings import Settings
from models.zoo import registry
from workbench.results import figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options common to all networks; DB_DIR, --out and --seed are there already."""
    parser.add_argument("--epochs", type=int, help="most passes over the data")
    parser.add_argument("--batch-size", type=int, help="examples per step")
    parser.add_argument("--lr", type=float, metavar="RATE", help="learning rate at the beginning")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="go on from this checkpoint (last.ckpt)"
    )
    parser.add_argument(
        "--device", default="auto", choices=("auto", "cpu", "cuda"), help="(default: auto)"
    )
    parser.add_argument(
        "--leads", metavar="LIST", default="", help="names of the leads to use, as in I,II,V5"
    )
    parser.add_argument("--fs", type=float, metavar="HZ", help="sampling rate to bring signals to")
    parser.add_argument(
        "--min-samples-per-class",
        type=int,
        default=0,
        metavar="N",
        help="drop classes with fewer training examples, and name them",
    )
    parser.add_argument(
        "--split",
        default="",
        help="mixed: beats at random, each patient on both sides, optimistic; patients: no "
        "patient on both sides; standard: as distributed (default: the network's)",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Train as the command line says; return the exit status.

    Raises:
        EcgMonitorError: an option is out of range, data are missing or cannot be trained on, or
            the checkpoint is of another training.
    """
    del settings
    network = registry.network(args.model)
    from models.zoo import weights  # noqa: PLC0415
    from models.zoo.data.examples import DataOptions, drop_rare  # noqa: PLC0415
    from models.zoo.training import curves  # noqa: PLC0415
    from models.zoo.training.export import export  # noqa: PLC0415
    from models.zoo.training.options import TrainingOptions  # noqa: PLC0415
    from models.zoo.training.trainer import fit  # noqa: PLC0415

    options = TrainingOptions.of(
        network,
        args.out,
        epochs=args.epochs,
        batch_size=args.batch_size,
        learning_rate=args.lr,
        seed=args.seed,
        device=args.device,
        resume=args.resume,
        bar=sys.stderr.isatty(),
        about={"commit": figures.commit(), "command": figures.this_command()},
    )
    leads = tuple(name for name in args.leads.split(",") if name)
    wanted = DataOptions(args.split, args.seed, args.fs, leads, args.min_samples_per_class)
    builder = importlib.import_module(str(network.data))
    data = drop_rare(builder.load(args.folder, network, wanted), wanted.min_samples_per_class)
    for note in data.notes:
        _report(note)
    counts = data.train.counts(data.labels)
    _report(
        f"split {data.name}: {len(data.train)} to train on, {len(data.validation)} to stop by, "
        f"{len(data.test)} to report on ("
        + ", ".join(f"{label} {count}" for label, count in counts.items())
        + ")"
    )
    run = fit(network, data, options, _report)
    exported = export(network, run, data, options)
    path = args.out / f"{network.name}.onnx"
    weights.write(path, exported.model, exported.metadata)
    curves.write(args.out, run.epochs, run.best, f"{network.name}, split {data.name}")
    _report(
        f"written: {path}, {len(exported.model) / 1e3:.0f} kB, of epoch {run.best}; answers differ "
        f"from the trained network's by at most {exported.difference:.1g}"
    )
    _report(
        f"score it: ecg-monitor evaluate {args.folder} --network {network.name} --weights {path}"
    )
    return 0


def _report(what: str) -> None:
    print(what, flush=True)
