"""Dashboard, hub and feeder as real processes, for tests of pages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch.processes import die_with, free_port
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward import access
from tests.support import feeder
from tests.support.waiting import allowed_s, wait_until

SECRET = "a secret of the tests, long enough"


@dataclass(frozen=True)
class Site:
    """A running dashboard with its hub."""

    settings: Settings
    url: str
    link: str


@contextmanager
def process(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a command of ours and stop it at the end, or when this process dies."""
    child = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        preexec_fn=die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - takes no lock
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(allowed_s(60))
        assert child.stdout is not None
        child.stdout.close()


def serves(url: str) -> bool:
    """Whether a page of ours can be had."""
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310 - our own address
            return True
    except OSError:
        return False


@contextmanager
def running(folder: Path, **more: Any) -> Iterator[Site]:
    """Run dashboard and hub over a Redis of their own, with ``more`` settings."""
    with ExitStack() as stack:
        service = start_redis(Settings(state=str(folder)))
        stack.callback(service.stop)
        settings = Settings(
            redis_url=service.url,
            secret=SECRET,
            port=free_port(),
            hub_port=free_port(),
            **{"state": str(folder), **more},
        )
        env = to_environ(settings)
        for name in ("hub", "dashboard"):
            stack.enter_context(process("-m", "ecg_monitor.cli", name, env=env))
        wait_until(lambda: serves(f"http://127.0.0.1:{settings.hub_port}/healthz"))
        url = access.public_url(settings)
        wait_until(lambda: serves(f"{url}/healthz"))
        yield Site(settings, url, access.sign_in_link(settings))


@contextmanager
def feeding(site: Site, mitdb: Path, beds: int, *options: str) -> Iterator[None]:
    """Run a feeder of so many beds."""
    with process(
        feeder.__file__, site.settings.redis_url, str(mitdb), str(beds), *options
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield
