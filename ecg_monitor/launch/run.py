"""Start the whole system on this machine, from the broker to the dashboard, with patients.

Nothing needs to be configured. Services named in ECG_MQTT_URL and ECG_REDIS_URL are used; those
that are missing are started here and stop with this command. One link is printed that signs in.
What the parts write goes to log files in the state folder; a part that dies is started again.

Examples:
  ecg-monitor run                               8 beds
  ecg-monitor run --records 100,106,208         these MIT-BIH records
  ecg-monitor run --beds 16 --speed 4           16 beds at four times real time
  ecg-monitor run --no-simulator --use-local    real devices, on the local mosquitto and Redis
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.launch import detectors

if TYPE_CHECKING:
    from ecg_monitor.core.settings import Settings

BEDS = 8
MAX_BEDS = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor run``."""
    parser.add_argument(
        "--beds", type=_beds, metavar="N", help="simulated beds (default: one per record, or 8)"
    )
    parser.add_argument("--records", metavar="LIST", help="records to replay, as 100,106,208")
    parser.add_argument("--data", metavar="DIR", help="folder with WFDB records")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="times real time (default: 1)"
    )
    parser.add_argument(
        "--port",
        type=int,
        metavar="PORT",
        help="port of the dashboard; the hub takes the next one "
        "(default: ECG_PORT or 8050, or the next ones that are free)",
    )
    parser.add_argument(
        "--use-local",
        action="store_true",
        help="use a broker or Redis server that answers on this machine's standard port",
    )
    parser.add_argument(
        "--no-simulator", action="store_true", help="start no patients: real devices will publish"
    )
    parser.add_argument(
        "--no-work", action="store_true", help="no worker that analyses files which are sent in"
    )
    parser.add_argument(
        "--no-record", action="store_true", help="keep nothing of what is received on disk"
    )
    parser.add_argument(
        "--api",
        action="store_true",
        help="also serve the HTTP API on ECG_API_PORT, with a worker for uploads (600 MB more)",
    )
    detectors.add_argument(parser)
    parser.add_argument(
        "--no-spare",
        action="store_true",
        help="no second detector that stands by: 300 MB less, and 4 to 6 s until a killed one is "
        "replaced instead of 3 s",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run the system until Ctrl-C or SIGTERM, the ways to end it: exit status 0.

    Raises:
        SettingsError: ``--data`` is no folder; more detectors than partitions.
    """
    if args.data and not Path(args.data).is_dir():
        raise SettingsError(f"--data: {args.data} is not a folder")
    detectors.shares(settings.partitions, args.detectors)  # refused before anything starts
    args.beds = beds_wanted(args)
    from ecg_monitor.launch.run_system import run_system  # noqa: PLC0415 - `--help` must not load it

    return run_system(args, settings)


def beds_wanted(args: argparse.Namespace) -> int:
    """Return how many patients are simulated: one per record named, unless given."""
    named = len(args.records.split(",")) if args.records else BEDS
    return named if args.beds is None else int(args.beds)


def _beds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_BEDS:
        raise argparse.ArgumentTypeError(f"must be a whole number 1 .. {MAX_BEDS}, got {text!r}")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number greater than 0, got {text!r}")
    return speed
