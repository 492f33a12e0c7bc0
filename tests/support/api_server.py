"""The HTTP API in a real server, in a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx

from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.processes import free_port
from tests.support.waiting import wait_until


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve while the context lasts; yields the address, whose engine is ready."""
    from gateway.api.serve import bound, server

    settings = replace(settings, api_port=free_port())
    running = server(settings)
    with bound(settings.api_host, settings.api_port) as listening:
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://127.0.0.1:{settings.api_port}"
        try:
            wait_until(lambda: _ready(url))
            yield url
        finally:
            running.should_exit = True
            thread.join()


def _ready(url: str) -> bool:
    try:
        return bool(httpx.get(f"{url}/health", timeout=5).json()["status"] == "ok")
    except httpx.HTTPError:
        return False
