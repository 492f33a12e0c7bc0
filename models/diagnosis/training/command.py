"""Train ecg-diagnosis: fourteen labels of any of twelve leads.

DB_DIR holds the data sets, each in a folder of its own or all in one: PTB-XL as published
(ptbxl_database.csv, records100/) or in its compact forms, and recordings with #Dx: lines (CPSC2018,
Challenge 2020 and 2021). PTB-XL's folds 1 to 8 train, fold 9 stops and calibrates; of the others
every fifth recording is kept for validation and every fifth for the test. Test parts are not
looked at. --out gets the members and the network with its manifest; --release puts it where
`ecg-monitor diagnose` takes it from. Members may be trained one by one and joined later.

  ecg-monitor train ecg-diagnosis data/ --members 2 --epochs 16
  ecg-monitor train ecg-diagnosis data/ --seed 2 --members 1 --out trained/second
  ecg-monitor train ecg-diagnosis data/ --join trained/first/1.pt trained/second/2.pt --release
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecg_monitor.core.errors import RecordError, SettingsError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from models.diagnosis.training.loop import Epoch, Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options; DB_DIR, --out and --seed are there already."""
    parser.add_argument("--epochs", type=int, default=16, help="passes over the data (default 16)")
    parser.add_argument(
        "--members", type=int, default=2, help="networks that are averaged (default 2)"
    )
    parser.add_argument(
        "--join",
        metavar="FILE",
        type=Path,
        nargs="+",
        default=[],
        help="average these trained members instead of training",
    )
    parser.add_argument(
        "--release", action="store_true", help="put the network where diagnose takes it from"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Train or join; calibrate; write.

    Raises:
        RecordError: there is no data set of twelve leads, or a file of a member is none.
        SettingsError: an option is out of range.
    """
    del settings
    for option in ("epochs", "members"):
        if getattr(args, option) < 1:
            raise SettingsError(f"--{option}: {getattr(args, option)} is less than 1")
    import torch  # noqa: PLC0415

    from models.diagnosis import release  # noqa: PLC0415
    from models.diagnosis.data import sources  # noqa: PLC0415
    from models.diagnosis.training.calibrate import released  # noqa: PLC0415
    from models.diagnosis.training.loop import Options, fit  # noqa: PLC0415

    torch.set_num_threads(1)
    data, statements = sources.read_all(args.folder)
    counts = {part: int((data.part == part).sum()) for part in ("train", "validation", "test")}
    print("windows:", ", ".join(f"{part} {count}" for part, count in counts.items()), flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    members = [member_of(path) for path in args.join]
    seeds = [path.stem for path in args.join]
    if not members:
        for seed in range(args.seed, args.seed + args.members):
            options = Options(epochs=args.epochs, seed=seed)
            network = new(seed)
            members.append(
                fit(network, data, statements, options, _say(seed), _keep(args.out, seed))
            )
            seeds.append(str(seed))
    about = {
        "data": sources.digest(data),
        "windows": counts,
        "seeds": seeds,
        "options": settings_of(Options(epochs=args.epochs)),
    }
    manifest, model = released(members, data.of("validation"), about)
    folder = release.FOLDER if args.release else args.out
    print("written:", release.write(folder, manifest, model), f"{len(model) / 1e3:.0f} kB")
    return 0


def new(seed: int) -> Any:
    """Return a network with the first weights of a seed."""
    import torch  # noqa: PLC0415

    from models.diagnosis.data.ptbxl import AUXILIARY  # noqa: PLC0415
    from models.diagnosis.labels import NAMES  # noqa: PLC0415
    from models.diagnosis.networks.compact import CompactNet  # noqa: PLC0415

    torch.manual_seed(seed)
    return CompactNet(len(NAMES) + len(AUXILIARY))


def member_of(path: Path) -> Any:
    """Return a trained member.

    Raises:
        RecordError: the file is not there, or holds another network.
    """
    import torch  # noqa: PLC0415

    network = new(0)
    try:
        network.load_state_dict(torch.load(path, weights_only=True))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        first = str(error).splitlines()[0]
        raise RecordError(f"{path}: holds no member of ecg-diagnosis: {first}") from error
    return network.eval()


def settings_of(options: Options) -> dict[str, Any]:
    """Return the settings of a training, JSON-ready, without the seed."""
    from dataclasses import asdict  # noqa: PLC0415

    return {name: value for name, value in asdict(options).items() if name != "seed"}


def _say(seed: int) -> Any:
    def say(epoch: Epoch) -> None:
        import numpy as np  # noqa: PLC0415

        print(
            f"seed {seed}, epoch {epoch.number}: loss {epoch.loss:.4f}, validation AUC "
            f"{np.nanmean(epoch.auc[:5]):.4f} (superclasses), {np.nanmean(epoch.auc[5:]):.4f} "
            f"(nine labels), {epoch.took_s:.0f} s",
            flush=True,
        )

    return say


def _keep(folder: Path, seed: int) -> Any:
    def keep(network: Any, epoch: Epoch) -> None:
        import torch  # noqa: PLC0415

        del epoch
        torch.save(network.state_dict(), folder / f"{seed}.pt")

    return keep
