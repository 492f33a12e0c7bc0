"""Real servers on free loopback ports for all tests, and the data sets beside the checkout."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, connect
from ecg_monitor.launch.services.start import Service, start_mqtt, start_redis
from tests.support.places import shared

pytest_plugins = ("tests.support.alerts", "tests.support.delivery", "tests.support.engine")

# The same examples in every run, however slow the machine: a change fails by its own mistakes.
# Other examples are looked for by `pytest --hypothesis-profile=default`.
hypothesis.settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("repeatable")


LONG = ("tests/end_to_end/", "tests/detector/test_interpreted.py")
"""Where tests take longest, besides those of pages."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run three tests for two cores: what waits for a process leaves its core to another."""
    return max(2, (os.cpu_count() or 2) * 3 // 2)


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run one page at a time, and what takes longest first; a file stays with one worker.

    Chromium draws without a graphics card here: two pages at once are each less than half as fast.
    Without the order a worker is left alone with a long file at the end.
    """
    for item in items:
        path = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group("pages" if _of_page(item) else path))
    items.sort(key=lambda item: (not _of_page(item), not item.nodeid.startswith(LONG)))


def _of_page(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


@pytest.fixture(scope="session")
def redis_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The Redis server shared by the tests of one process."""
    folder: Path = tmp_path_factory.mktemp("redis")
    service = start_redis(Settings(state=str(folder)))
    yield service
    service.stop()


@pytest.fixture
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real broker, which nobody has used before the test."""
    service = start_mqtt(Settings(state=str(tmp_path_factory.mktemp("broker"))))
    yield service.url
    service.stop()


@pytest.fixture
def redis_url(redis_service: Service) -> str:
    """URL of a real Redis server; see `redis_client` for an empty one."""
    return redis_service.url


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[Store]:
    """Client of a real Redis server, which is empty when the test begins."""
    client = connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def ludb() -> Path:
    """Folder of the Lobachevsky University Electrocardiography Database."""
    return shared("data/ludb")


@pytest.fixture(scope="session")
def mitdb() -> Path:
    """Folder of the MIT-BIH Arrhythmia Database."""
    return shared("data/mitdb")
