"""The dashboard, the hub and a feeder as real processes; clients that are signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from time import time
from typing import Any

import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import connect
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Link, Role
from ecg_monitor.ward.accounts.entrance import Entrance
from tests.support.places import ARTIFACTS
from tests.support.sites import Site, feeding, running


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


@pytest.fixture
def feed(site: Site, mitdb: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a feeder: ``feed(beds, *options)``."""
    with ExitStack() as stack:

        def start(beds: int, *options: str) -> None:
            stack.enter_context(feeding(site, mitdb, beds, *options))

        yield start


@pytest.fixture
def artifacts() -> Path:
    """Folder that keeps screenshots."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
