"""Serve live traces, beats, numbers and alarms to browsers over websockets.

  ECG_SECRET=... ECG_REDIS_URL=redis://localhost ecg-monitor hub

It listens on ECG_HOST and ECG_HUB_PORT (the dashboard's port plus 1 unless set) and lets in
browsers that are signed in to the dashboard. GET /healthz on the same port says whether it works.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import signal

from dashboard.addresses import hub_port
from ecg_monitor.core.settings import Settings

log = logging.getLogger(__name__)

GARBAGE_FROM = 20_000
"""So many more lists and maps than before are looked through for circles that nobody refers to: an
answer of Redis holds thousands, all gone by the next read. Measured once with 2000 beds on a busy
machine: 7.8 % of a core, 9.7 to 12.3 at Python's own 700, 7.0 without looking at all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--port", type=int, help="port to listen on (default: ECG_HUB_PORT)")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run the hub until SIGINT or SIGTERM; returns the exit status.

    Raises:
        SettingsError: a needed setting is missing or wrong.
        ServiceError: the port cannot be bound.
    """
    asyncio.run(_run(settings, hub_port(settings) if args.port is None else args.port))
    return 0


async def _run(settings: Settings, port: int) -> None:
    from dashboard.hub.server import Hub  # noqa: PLC0415 - not needed for --help

    gc.set_threshold(GARBAGE_FROM, 20, 20)
    server_log = logging.getLogger("websockets.server")
    server_log.setLevel(logging.WARNING)  # not every coming and going
    # Who connects and leaves before saying anything must not fill the log with tracebacks.
    server_log.addFilter(lambda record: record.msg != "opening handshake failed")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Hub(settings, port) as hub:
        log.info("hub listens on %s port %d", settings.host, hub.port)
        await stop.wait()
