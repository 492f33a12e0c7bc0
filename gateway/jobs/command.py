"""Analyse files sent in on the page Analyze or through the HTTP API, one after the other.

Each analysis runs in a process of its own, for at most ECG_API_WORK_S seconds and with at most
ECG_API_WORK_MB of memory; one that takes more ends as failed, and so does one that is killed. A
worker that is stopped puts its job back. It needs the state folder (ECG_STATE) that the dashboard
and `ecg-monitor api` have. Start more of them to do more at a time.

Examples:
  ecg-monitor work
  ECG_API_WORK_S=60 ecg-monitor work
"""

from __future__ import annotations

import argparse

from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--lazy",
        action="store_true",
        help="load the engine with the first file, which takes some seconds then; until then the "
        "worker takes a fifth of the memory",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Work until SIGTERM or Ctrl-C; returns the exit status.

    Raises:
        ServiceError: Redis cannot be reached.
        SettingsError: a setting is missing or wrong.
    """
    from gateway.jobs.worker import work  # noqa: PLC0415 - `--help` must not load it

    work(settings, lazy=args.lazy)
    return 0
