"""Runs the application in a server of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator

import uvicorn

from ecg_monitor.core import store
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings
from gateway.api.app import make_app

log = logging.getLogger("api")

MOST_CONNECTIONS = 256
STOP_WITHIN_S = 2
IDLE_S = 30
"""How long a connection may say nothing between requests, s."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        ServiceError: the port cannot be bound, or Redis cannot be reached.
        SettingsError: a setting is missing or wrong.
    """
    asyncio.run(_check(settings))
    with bound(settings.api_host, settings.api_port) as listening:
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # a line per websocket
        log.info("serving on %s port %d", *listening.getsockname()[:2])
        asyncio.run(_until_told(server(settings), listening))


def server(settings: Settings) -> uvicorn.Server:
    """Return a server of the application, not yet running.

    Raises:
        ServiceError: the address of Redis is malformed.
        SettingsError: a setting is missing or wrong.
    """
    config = uvicorn.Config(
        make_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy or None,
        ws="websockets-sansio",
        ws_max_size=65_536,
    )
    return _Server(config)


def bound(host: str, port: int) -> contextlib.closing[socket.socket]:
    """Return a socket that listens.

    Raises:
        ServiceError: the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only on sockets that say that they are TCP; 40 ms a time.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        raise ServiceError(
            f"cannot serve on {host} port {port}: {error.strerror}; set ECG_API_HOST, ECG_API_PORT"
        ) from error
    return contextlib.closing(listening)


class _Server(uvicorn.Server):
    """A server that leaves signals to us: it would pass them on, and end this process by one."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _until_told(running: uvicorn.Server, listening: socket.socket) -> None:
    def stop() -> None:
        running.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await running.serve(sockets=[listening])


async def _check(settings: Settings) -> None:
    async with store.answering(settings.require("redis_url")):
        pass
