"""Serve live traces, beats, numbers and alarms to browsers over websockets.

  ECG_SECRET=... ECG_REDIS_URL=redis://localhost ecg-monitor hub

It listens on ECG_HOST and ECG_HUB_PORT (the dashboard's port plus 1 unless set) and lets in
browsers that are signed in to the dashboard. GET /healthz on the same port says whether it works.
"""

from __future__ import annotations

import argparse

from ecg_monitor.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--port", type=int, help="port to listen on (default: ECG_HUB_PORT)")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run the hub until it is told to stop; returns the exit status.

    Raises:
        SettingsError: a needed setting is missing or wrong.
        ServiceError: the port cannot be bound.
    """
    from dashboard.hub.service import run  # noqa: PLC0415 - not needed for --help

    run(settings, args.port)
    return 0
