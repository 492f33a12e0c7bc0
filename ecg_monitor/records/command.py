"""Download databases of recordings from PhysioNet, and show which are used.

    ecg-monitor data list                           what can be fetched
    ecg-monitor data where                          which recordings `run` and `simulate` would use
    ecg-monitor data fetch mitdb                    all of MIT-BIH into the user cache (100 MB)
    ecg-monitor data fetch mitdb DIR --records 100,106
    ecg-monitor data fetch nstdb DIR --records bw,em,ma

A download that was cut goes on where it stopped when the same command is given again. Every file
is held against the SHA-256 sum that PhysioNet publishes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_monitor.core.settings import Settings
from ecg_monitor.records import physionet
from ecg_monitor.records.finder import find_database, list_records

if TYPE_CHECKING:
    from rich.progress import TaskID

_PROBE = "100"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor data``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="list the databases that can be fetched")
    where = actions.add_parser("where", help="show which recordings would be used, and why")
    where.add_argument("--data", default="", metavar="DIR", help="as for `simulate`")
    fetch = actions.add_parser("fetch", help="download a database")
    fetch.add_argument("database", help="name, see `data list`")
    fetch.add_argument(
        "folder", nargs="?", default="", metavar="DIR", help="target; default: the user cache"
    )
    fetch.add_argument(
        "--records", default="", metavar="LIST", help="only these, comma-separated: 100,106"
    )
    fetch.add_argument(
        "--base-url", default=physionet.BASE_URL, metavar="URL", help="a mirror of PhysioNet"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run ``ecg-monitor data``."""
    if args.action == "list":
        for database in physionet.DATABASES.values():
            print(f"{database.name:10} {database.version:7} {database.summary}")
    elif args.action == "where":
        _where(args, settings)
    else:
        _fetch(args, settings)
    return 0


def _where(args: argparse.Namespace, settings: Settings) -> None:
    # A folder of the user's own may hold anything; elsewhere MIT-BIH is looked for.
    wanted = [] if args.data or settings.data else [_PROBE]
    found = find_database(settings, wanted, data=args.data, download=False)
    if found.folder is None:
        print(f"none here: {found.reason}; a download is tried first, else synthetic patients")
        return
    names = list_records(found.folder)
    print(f"{found.reason}: {len(names)} records")


def _fetch(args: argparse.Namespace, settings: Settings) -> None:
    folder = Path(args.folder).expanduser() if args.folder else settings.cache_dir / args.database
    names = [name.strip() for name in args.records.split(",") if name.strip()]
    with progress_bar() as progress:
        fetched = physionet.fetch(
            args.database, folder, names, base_url=args.base_url, progress=progress
        )
    print(
        f"{len(fetched.records)} records in {folder}: {fetched.files} files "
        f"({fetched.size / 1e6:.1f} MB) downloaded, the others were there"
    )


@contextmanager
def progress_bar() -> Iterator[physionet.Progress | None]:
    """Give a `physionet.Progress` that draws a bar on standard error; None if not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  # --help must answer at once
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn  # noqa: PLC0415

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                for task in tasks.values():
                    bar.update(task, visible=False)
                tasks[name] = bar.add_task(name)
            bar.update(tasks[name], completed=done, total=total or None)

        yield progress
