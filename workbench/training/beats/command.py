"""Train the AAMI beat classifier on DS1 of the MIT-BIH Arrhythmia Database.

Epochs, number of trees, calibration and decision rule come from record-grouped folds of DS1, then
the members of the ensemble are trained on all of it. DS2 is not read.

  ecg-monitor train beats mitdb/ --out trained/
  ecg-monitor train beats mitdb/ --check-transfer        score released weights elsewhere
  ecg-monitor train beats mitdb/ --check-transfer trained/

Copy beats.onnx and beats.json to models/beats/weights/ to use them.

Recorded noise is mixed into some copies of the recordings; --noise names a folder with the records
bw, em and ma of the MIT-BIH Noise Stress Test Database (default: nstdb beside DB_DIR). Recordings
of normal rhythm and of atrial fibrillation of the PhysioNet/CinC Challenge 2017 are examples of
beats that are not premature (--others; default: cinc2017 beside DB_DIR).

--annotator rev trains on exports of reviewed beds (docs/RECORDING.md), with --records to name them.

--check-transfer trains nothing. It labels recordings of databases that were not trained on and
that label what a recording holds, but not its beats (cpsc2018, ptbxl beside DB_DIR), and counts
what was found.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import RecordError, SettingsError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from ecg_monitor.records import Recording
    from models.beats.dataset import BeatSet
    from models.beats.training.plots import MeanBeats

NOISE = ("bw", "em", "ma")
OTHERS_LIST = "REFERENCE.csv"
QUIET = ("N", "A")
"""Classes of Challenge 2017 with hardly any premature beats: normal rhythm, fibrillation."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--epochs", type=int, default=8, help="most epochs (default 8)")
    parser.add_argument("--members", type=int, default=5, help="of the ensemble (default 5)")
    parser.add_argument("--folds", type=int, default=5, help="folds to decide on (default 5)")
    parser.add_argument("--records", metavar="LIST", help="train on these (default: DS1)")
    parser.add_argument(
        "--annotator", default="atr", help="whose beats are right (default: atr; rev: reviewers)"
    )
    parser.add_argument("--noise", metavar="DIR", type=Path, help="folder of nstdb")
    parser.add_argument("--others", metavar="DIR", type=Path, help="folder of cinc2017")
    parser.add_argument(
        "--check-transfer",
        metavar="WEIGHTS",
        type=Path,
        nargs="?",
        const=Path(),
        help="score weights (default: those released) on other databases; train nothing",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Build the data, train, write weights, plots and figures; or check the transfer."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    console = Console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        if args.check_transfer is not None:
            return _check_transfer(args, console, bar)
        return _train(args, console, bar)


def _train(args: argparse.Namespace, console: Console, bar: Progress) -> int:
    if importlib.util.find_spec("lightgbm") is None:
        raise SettingsError(
            "train: lightgbm not installed; run `make setup-train`, or "
            "pip install 'ecg-monitor[train]'"
        )
    import torch  # noqa: PLC0415

    from models.beats.training import loop as training  # noqa: PLC0415
    from models.beats.training import release  # noqa: PLC0415

    torch.set_num_threads(1)
    chosen = training.Settings(
        epochs=args.epochs, members=args.members, fold_count=args.folds, seed=args.seed
    )
    beats, mean_beats = training_data(args, bar)
    task = bar.add_task("training", total=chosen.members * (chosen.fold_count + 1))

    def advance(what: str) -> None:
        console.print(f"trained: {what}", highlight=False)
        bar.advance(task)

    trained = training.train(beats, chosen, advance)
    names = sorted(set(beats.records[beats.real].tolist()))
    report = release.write(args.out, trained, chosen, names, mean_beats)
    console.print(f"{trained.epochs} epochs, {trained.tree_count} trees")
    for part in ("folds", "folds_macro", "made_rhythms"):
        console.print(part, report[part])
    console.print(f"written: {args.out}")
    return 0


def _check_transfer(args: argparse.Namespace, console: Console, bar: Progress) -> int:
    from models.beats import weights  # noqa: PLC0415
    from workbench.training.beats import transfer as beat_transfer  # noqa: PLC0415

    folder = weights.FOLDER if args.check_transfer == Path() else args.check_transfer
    task = bar.add_task("labelling", total=None)
    rows = beat_transfer.score(
        args.folder.resolve().parent, weights.load(folder), lambda: bar.advance(task)
    )
    console.print(beat_transfer.render(rows))
    return 0


def training_data(args: argparse.Namespace, bar: Progress) -> tuple[BeatSet, MeanBeats]:
    """Build what the classifier is trained on, and the mean beats of each record.

    Args:
        args: ``folder`` of the database, ``records`` of it (empty: DS1), ``annotator``, ``seed``,
            and ``noise`` and ``others``, folders of the other databases (None: beside it).
        bar: shows how far it is.

    Raises:
        RecordError: a record or a database is missing.
    """
    import numpy as np  # noqa: PLC0415

    from ecg_monitor.records import read_record  # noqa: PLC0415
    from models.beats.dataset import BeatSet  # noqa: PLC0415
    from models.scoring.databases import DE_CHAZAL, DS1  # noqa: PLC0415
    from workbench.training.beats import windows as beat_windows  # noqa: PLC0415

    names = args.records.split(",") if args.records else list(DS1)
    missing = [name for name in names if not (args.folder / f"{name}.hea").exists()]
    if missing:
        raise RecordError(f"{args.folder} lacks {', '.join(missing)}")
    noise, others = _noise(args), _others(args)
    sets, means = [], []
    for name in bar.track(names, description="building data"):
        recording = read_record(args.folder / name, annotator=args.annotator)
        sets.append(beat_windows.build(recording, DE_CHAZAL, noise=noise, seed=args.seed))
        sets += beat_windows.made_rhythms(recording, DE_CHAZAL, args.seed)
        means.append(beat_windows.mean_beats(recording, DE_CHAZAL))
    for path in bar.track(others, description="building data"):
        sets.append(beat_windows.without_ectopy(read_record(path)))
    return BeatSet.join(sets), np.array(means)


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


def _others(args: argparse.Namespace) -> list[Path]:
    """Recordings of other databases that hold hardly any premature beats."""
    folder: Path = args.others or args.folder.resolve().parent / "cinc2017"
    if not (folder / OTHERS_LIST).exists():
        raise RecordError(
            f"others: {folder} lacks {OTHERS_LIST}; --others DIR names the folder of the "
            "PhysioNet/CinC Challenge 2017 training set"
        )
    with (folder / OTHERS_LIST).open(newline="") as file:
        return [folder / row[0] for row in csv.reader(file) if row[1] in QUIET]
