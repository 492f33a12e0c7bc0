"""Train the autoencoder that scores how unusual a beat is for its patient.

Labels are used for the report alone. The number of steps, and the score at which a beat counts as
abnormal, come from recordings held out, without labels.

  ecg-monitor train autoencoder mitdb/              # the live model, from DS1, a few minutes
  ecg-monitor train autoencoder mitdb/ --release    # ... and put it in place of the released one
  ecg-monitor train autoencoder ecg5000/ --ecg5000  # the ECG5000 benchmark, five seeds
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings

STEPS = 800


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare this model's own options; DB_DIR, --out and --seed are common to all models."""
    parser.add_argument(
        "--ecg5000", action="store_true", help="DB_DIR holds ECG5000: run its benchmark"
    )
    parser.add_argument("--seeds", type=int, default=5, help="trainings of the benchmark (5)")
    parser.add_argument(
        "--steps", type=int, default=STEPS, help=f"largest number of training steps ({STEPS})"
    )
    parser.add_argument(
        "--release", action="store_true", help="put the weights into the package too"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Train by the command line's options; return the exit status.

    Raises:
        SettingsError: an option is out of range.
        RecordError: data cannot be read.
    """
    del settings
    from models.autoencoder import weights  # noqa: PLC0415
    from models.autoencoder.training import loop as training  # noqa: PLC0415

    least = training.WATCH_EVERY
    if args.steps < least or args.seeds < 1:
        raise SettingsError(f"train autoencoder: --steps from {least}, --seeds from 1")
    import torch  # noqa: PLC0415

    from models.autoencoder.training.recordings import load  # noqa: PLC0415
    from models.scoring.databases import DS1  # noqa: PLC0415

    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.ecg5000:
        return _benchmark(args.folder, args.seeds, args.out)
    training.train_live(load(args.folder, DS1, _report), args.steps, args.seed, args.out, _report)
    if args.release:
        release = weights.read("live", args.out)
        about = {k: v for k, v in release.manifest.items() if k not in weights.OWN}
        weights.write(weights.FOLDER, "live", release.model, about)
    _report(f"written to {args.out}" + (f" and {weights.FOLDER}" if args.release else ""))
    return 0


def _benchmark(folder: Path, seeds: int, out: Path) -> int:
    from models.autoencoder.training.benchmark import evaluate  # noqa: PLC0415
    from models.autoencoder.training.loop import save_report  # noqa: PLC0415

    report = evaluate(folder, seeds, _report)
    save_report(out / "ecg5000.json", report)
    for name in ("accuracy", "auc", "sensitivity", "specificity"):
        mean, sd = report["mean"][name], report["sd"][name]
        _report(f"ECG5000 {name}: {mean:.4f} (sd {sd:.4f}, {seeds} seeds)")
    return 0


def _report(what: str) -> None:
    print(what, flush=True)
