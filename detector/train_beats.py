"""Train the AAMI beat classifier on DS1 of the MIT-BIH Arrhythmia Database.

Epochs, calibration and decision rule come from record-grouped folds of DS1, then the members of
the ensemble are trained on all of it. DS2 is not read.

  ecg-monitor train beats mitdb/ --out trained/

Copy beats.onnx and beats.json to models/beats/weights/ to use them.

Recorded noise is mixed into some copies of the recordings; --noise names a folder with the records
bw, em and ma of the MIT-BIH Noise Stress Test Database (default: nstdb beside DB_DIR).
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_monitor.errors import RecordError
from ecg_monitor.settings import Settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from ecg_monitor.records import Recording
    from models.beats.dataset import BeatSet

NOISE = ("bw", "em", "ma")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--epochs", type=int, default=8, help="at most so many (default 8)")
    parser.add_argument("--members", type=int, default=5, help="networks (default 5)")
    parser.add_argument("--folds", type=int, default=5, help="folds to decide on (default 5)")
    parser.add_argument("--records", metavar="LIST", help="train on these (default: DS1)")
    parser.add_argument("--noise", metavar="DIR", type=Path, help="folder of nstdb")


def main(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Build the data, train, write weights, plots and figures."""
    import torch  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from models.beats import release, training  # noqa: PLC0415

    torch.set_num_threads(1)
    console = Console()
    chosen = training.Settings(
        epochs=args.epochs, members=args.members, fold_count=args.folds, seed=args.seed
    )
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        beats = _data(args, bar)
        task = bar.add_task("training", total=chosen.epochs * (chosen.fold_count + chosen.members))

        def told(what: str, epoch: int, loss: float, held_loss: float) -> None:
            held = f", held out {held_loss:.4f}" if not math.isnan(held_loss) else ""
            console.print(f"{what}, epoch {epoch + 1}: loss {loss:.4f}{held}", highlight=False)
            bar.advance(task)

        trained = training.train(beats, chosen, told)
    report = release.write(args.out, trained, chosen, sorted(set(beats.records.tolist())))
    console.print(f"{trained.epochs} epochs; on the folds:", report["folds"])
    console.print(f"written: {args.out}")
    return 0


def _data(args: argparse.Namespace, bar: Progress) -> BeatSet:
    from detector.beat_windows import build  # noqa: PLC0415
    from ecg_monitor.records import read_record  # noqa: PLC0415
    from models.beats.dataset import BeatSet  # noqa: PLC0415
    from models.databases import DE_CHAZAL, DS1  # noqa: PLC0415

    names = args.records.split(",") if args.records else list(DS1)
    missing = [name for name in names if not (args.folder / f"{name}.hea").exists()]
    if missing:
        raise RecordError(f"{args.folder} lacks {', '.join(missing)}")
    noise = _noise(args)
    return BeatSet.join(
        build(read_record(args.folder / name), DE_CHAZAL, noise=noise, seed=args.seed)
        for name in bar.track(names, description="building data")
    )


def _noise(args: argparse.Namespace) -> list[Recording]:
    from ecg_monitor.records import read_record  # noqa: PLC0415

    folder = args.noise or args.folder.resolve().parent / "nstdb"
    missing = [name for name in NOISE if not (folder / f"{name}.hea").exists()]
    if missing:
        raise RecordError(
            f"noise: {folder} lacks {', '.join(missing)}; "
            "`ecg-monitor data fetch nstdb DIR` gets them, --noise DIR names the folder"
        )
    return [read_record(folder / name) for name in NOISE]
