"""Train the QRS detector's network.

DB_DIR holds the folders mitdb, nstdb, ludb and vfdb. Of MIT-BIH, DS1 alone is read. With --check,
DS1 is divided in six by record, each sixth is run with a network that saw none of it in the last
round, and nothing is written.

  ecg-monitor train qrs data/
  ecg-monitor train qrs data/ --check

Copy qrs_weights.py to detector/engine/ to use it.
"""

from __future__ import annotations

import argparse

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings

DATABASES = ("mitdb", "nstdb", "ludb", "vfdb")
WEIGHTS = "qrs_weights.py"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare this model's own options; DB_DIR, --out and --seed are common to all models."""
    parser.add_argument(
        "--check", action="store_true", help="score on records not seen; write nothing"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Train as the command line says; return the exit status.

    Raises:
        RecordError: a database is missing.
    """
    del settings
    missing = [name for name in DATABASES if not (args.folder / name).is_dir()]
    if missing:
        raise RecordError(
            f"{args.folder} lacks {', '.join(missing)}; `ecg-monitor data fetch` gets them"
        )
    from workbench.training.qrs import fit  # noqa: PLC0415

    network = fit.train(args.folder, args.seed, _report, check=args.check)
    if not args.check:
        args.out.mkdir(parents=True, exist_ok=True)
        fit.write(network, args.out / WEIGHTS)
        _report(f"written: {args.out / WEIGHTS}")
    return 0


def _report(what: str) -> None:
    print(what, flush=True)
