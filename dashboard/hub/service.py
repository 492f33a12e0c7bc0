"""The hub as a process: runs until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal

from dashboard.addresses import hub_port
from dashboard.hub.server import Hub
from ecg_monitor.settings import Settings

log = logging.getLogger(__name__)


def run(settings: Settings, port: int | None = None) -> None:
    """Run the hub until it is told to stop.

    Args:
        settings: Redis, partitions, secret, addresses.
        port: port to listen on; None: as the settings say.

    Raises:
        SettingsError: a needed setting is missing or wrong.
        ServiceError: the port cannot be bound.
    """
    asyncio.run(_run(settings, hub_port(settings) if port is None else port))


async def _run(settings: Settings, port: int) -> None:
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
