"""The dashboard, the hub and a feeder as real processes, and a real browser."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

import pytest

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import connect
from ecg_monitor.launch.processes import free_port
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Link, Role
from ecg_monitor.ward.accounts.entrance import Entrance
from tests.support import feeder
from tests.support.places import ARTIFACTS
from tests.support.waiting import wait_until

CHROMIUM = "/usr/bin/chromium"
SECRET = "a secret of the tests, long enough"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-device-for-media-stream",  # something that could sound
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
        child.wait(60)
        assert child.stdout is not None
        child.stdout.close()


def serves(url: str) -> bool:
    """Whether a page of ours can be had."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
            return True
    except OSError:
        return False


@pytest.fixture
def cookie_of() -> Callable[..., str]:
    """Return a function that signs somebody in: ``cookie_of(settings, user, role)``."""

    def make(settings: Settings, user: str = "local", role: Role = "admin") -> str:
        async def enter() -> str:
            client = connect(settings.redis_url)
            try:
                entrance = Entrance(client, settings)
                return await entrance.follow_link(Link(user, role, time()), "127.0.0.1")
            finally:
                await client.aclose()

        with ThreadPoolExecutor(1) as pool:  # a test may have an event loop of its own
            return access.make_cookie(settings.secret, pool.submit(asyncio.run, enter()).result())

    return make


@pytest.fixture
def client_for() -> Iterator[Callable[[Settings], Any]]:
    """Return a function that makes an HTTP client of a dashboard in the test's own process."""
    from dashboard.answers.asking import StoreThread
    from dashboard.web.app import create_app

    with ExitStack() as stack:

        def make(settings: Settings) -> Any:
            store = stack.enter_context(closing(StoreThread(settings.require("redis_url"))))
            return create_app(settings, store).server.test_client()

        yield make


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
            **more,
        )
        env = to_environ(settings)
        for name in ("hub", "dashboard"):
            stack.enter_context(process("-m", "ecg_monitor.cli", name, env=env))
        wait_until(lambda: serves(f"http://127.0.0.1:{settings.hub_port}/healthz"))
        url = access.public_url(settings)
        wait_until(lambda: serves(f"{url}/healthz"))
        yield Site(settings, url, access.sign_in_link(settings))


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """Dashboard and hub of one test, over an empty Redis; a parameter holds further settings."""
    with running(tmp_path, **getattr(request, "param", {})) as one:
        yield one


@pytest.fixture(scope="module")
def open_site(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[Site]]:
    """Return a function that runs dashboard and hub for as long as a module's tests like."""

    def start(**more: Any) -> AbstractContextManager[Site]:
        return running(tmp_path_factory.mktemp("site"), **more)

    return start


@contextmanager
def feeding(site: Site, mitdb: Path, beds: int, *options: str) -> Iterator[None]:
    """Run a feeder of so many beds."""
    with process(
        feeder.__file__, site.settings.redis_url, str(mitdb), str(beds), *options
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, mitdb: Path) -> Iterator[Site]:
    """Nine beds with alarms, shared by the tests of a module: they look, and change nothing."""
    folder = tmp_path_factory.mktemp("ward")
    with running(folder) as one, feeding(one, mitdb, 9, "--alarms"):
        yield one


@pytest.fixture
def feed(site: Site, mitdb: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a feeder: ``feed(beds, *options)``."""
    with ExitStack() as stack:

        def start(beds: int, *options: str) -> None:
            stack.enter_context(feeding(site, mitdb, beds, *options))

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
def page(browser: Any, site: Any) -> Iterator[Any]:
    """The wall of a site without beds, built: Dash draws it after the page has loaded."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.link)
    page.wait_for_selector(".view-wall", state="attached")
    yield page
    context.close()


@pytest.fixture(scope="session")
def shut_out() -> Callable[[Any], list[str]]:
    """Return a function that lists what axe finds on a page that shuts people out."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def look(page: Any) -> list[str]:
        result = axe.run(page, options={"resultTypes": ["violations"]}).response
        assert result["passes"], "it looked at something"
        return [
            f"{one['id']}: {node['html'][:160]} | {node['failureSummary'][:300]}"
            for one in result["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"][:3]
        ]

    return look


@pytest.fixture
def artifacts() -> Path:
    """Folder that keeps screenshots."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
