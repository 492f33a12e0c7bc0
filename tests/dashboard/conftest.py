"""The dashboard, the hub and a feeder as real processes, and a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import redis

from ecg_monitor import access
from ecg_monitor.processes import free_port
from ecg_monitor.services.start import Service
from ecg_monitor.settings import Settings, to_environ

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
SECRET = "a secret of the tests, long enough"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


@dataclass(frozen=True)
class Site:
    """A running dashboard with its hub."""

    settings: Settings
    url: str
    link: str


@contextmanager
def process(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a command of ours and stop it at the end."""
    child = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(10)
        assert child.stdout is not None
        child.stdout.close()


def wait_for(url: str) -> None:
    end = monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            if monotonic() > end:
                raise
            sleep(0.1)


@pytest.fixture
def site(redis_service: Service) -> Iterator[Site]:
    """Dashboard and hub of one test, over an empty Redis."""
    client = redis.Redis.from_url(redis_service.url)
    client.flushall()
    client.close()
    settings = Settings(
        redis_url=redis_service.url, secret=SECRET, port=free_port(), hub_port=free_port()
    )
    env = to_environ(settings)
    with ExitStack() as stack:
        for name in ("hub", "dashboard"):
            stack.enter_context(process("-m", "ecg_monitor.cli", name, env=env))
        wait_for(f"http://127.0.0.1:{settings.hub_port}/healthz")
        url = access.public_url(settings)
        wait_for(f"{url}/healthz")
        yield Site(settings, url, access.sign_in_link(settings))


@pytest.fixture
def feed(site: Site, mitdb: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a feeder: ``feed(beds, *options)``."""
    with ExitStack() as stack:

        def start(beds: int, *options: str) -> None:
            script = str(Path(__file__).with_name("feeder.py"))
            child = stack.enter_context(
                process(script, site.settings.redis_url, str(mitdb), str(beds), *options)
            )
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium, started from nothing."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def artifacts() -> Path:
    """Folder that keeps screenshots."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder
