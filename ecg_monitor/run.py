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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecg_monitor.settings import Settings

MAX_BEDS = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor run``."""
    parser.add_argument(
        "--beds", type=_beds, default=8, metavar="N", help="simulated beds (default: %(default)s)"
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


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run the system until Ctrl-C or SIGTERM, the ways to end it: exit status 0."""
    from ecg_monitor.run_system import run_system  # noqa: PLC0415 - `--help` must not load it

    return run_system(args, settings)


def _beds(text: str) -> int:
    beds = int(text)
    if not 1 <= beds <= MAX_BEDS:
        raise argparse.ArgumentTypeError(f"must be 1 .. {MAX_BEDS}")
    return beds


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError("must be greater than 0")
    return speed
