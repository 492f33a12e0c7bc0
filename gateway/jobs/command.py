"""Analyse what was uploaded through the HTTP API: takes one job after the other from the queue.

Each analysis runs in a process of its own, for at most ECG_API_WORK_S seconds and with at most
ECG_API_WORK_MB of memory; one that takes more ends as failed, and so does one that is killed. A
worker that is stopped puts its job back. It needs the state folder (ECG_STATE) that `ecg-monitor
api` has. Start more of them to do more at a time.

Examples:
  ecg-monitor work
  ECG_API_WORK_S=60 ecg-monitor work
"""

from __future__ import annotations

import argparse

from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor work``: there are none, settings say it all."""
    parser.set_defaults(command="work")


def main(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - all commands alike
    """Work until SIGTERM or Ctrl-C; returns the exit status.

    Raises:
        ServiceError: Redis cannot be reached.
        SettingsError: a setting is missing or wrong.
    """
    from gateway.jobs.worker import work  # noqa: PLC0415 - `--help` must not load it

    work(settings)
    return 0
