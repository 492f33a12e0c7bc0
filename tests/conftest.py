"""Real servers on free loopback ports for all tests, and the data sets beside the checkout."""

from __future__ import annotations

import asyncio
import functools
import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest
from xdist.scheduler import LoadFileScheduling

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, connect
from ecg_monitor.launch.services.start import Service, start_mqtt
from tests.support.places import PAGES, ROOT, shared
from tests.support.stores import start_store

pytest_plugins = (
    "tests.support.alerts",
    "tests.support.delivery",
    "tests.support.engine",
    "tests.support.few_frames",
    "tests.support.patience",
    "tests.support.slow_answers",
    "tests.support.two_servers",
)

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


LONG = (
    "tests/end_to_end/",
    "tests/ecg_monitor/launch/test_run.py",
    "tests/detector/test_interpreted.py",
    "tests/detector/runner/test_patient_limits.py",
    "tests/docs/test_integration.py",
    "tests/simulator/synthetic/test_patient.py",
    "tests/workbench/faults/test_recorded.py",
    "tests/workbench/bench/whole/",
    "tests/dashboard/assets/test_scripts.py",
    "tests/gateway/jobs/",
)
"""Where tests take longest, besides those of pages."""


LANES = 2
"""Tests of pages that may run at once."""

TESTS_PER_CORE = 2
"""Three took as long on two cores, and kept each other waiting."""

MEMORY_BYTES = 1.5e9
"""What a worker takes with the processes that its tests start; Chromium and torch take most."""


class PagesInLanes(LoadFileScheduling):
    """Gives whole files to workers, and those with tests of pages to `LANES` of them.

    Chromium draws without a graphics card here: more pages at once would slow one another down,
    while one at a time would take longer than all other tests.
    """

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith(PAGES):
            return super()._split_scope(nodeid)
        return f"pages {page_files().index(nodeid.split('::', maxsplit=1)[0]) % LANES}"


@functools.cache
def page_files() -> list[str]:
    """Files with tests of pages, relative to the checkout, in order."""
    found = (path for place in PAGES for path in (ROOT / place).rglob("test_*.py"))
    single = [place for place in PAGES if place.endswith(".py")]
    return sorted([path.relative_to(ROOT).as_posix() for path in found] + single)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run two tests on a core, as far as memory goes.

    Most wait for processes, brokers and pages half of their time, and leave the core to others.
    """
    by_memory = int(psutil.virtual_memory().available / MEMORY_BYTES)
    return max(1, min(TESTS_PER_CORE * (os.cpu_count() or 1), by_memory))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> PagesInLanes:
    """Distribute tests by file, with those of pages as if they were in `LANES` files."""
    return PagesInLanes(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what all tests import to itself: the garbage collector would go through it for ever."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files that have no test of those asked for: to import all takes half a minute."""
    file = collection_path.suffix == ".py" and collection_path.name.startswith("test_")
    if not file or config.getoption("markexpr") != "serial":
        return None
    return None if "mark.serial" in collection_path.read_text(encoding="utf-8") else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda one: (not one.nodeid.startswith(PAGES), not one.nodeid.startswith(LONG)))


@pytest.fixture(scope="session")
def redis_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The Redis server shared by the tests of one process."""
    service = start_store(tmp_path_factory.mktemp("redis"))
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
    # Of partitions that the test has left to themselves: they would connect anew.
    await cancel_all([task for task in asyncio.all_tasks() if task.get_name() == "errand"])
    await client.aclose()


@pytest.fixture(scope="session")
def ludb() -> Path:
    """Folder of the Lobachevsky University Electrocardiography Database."""
    return shared("data/ludb")


@pytest.fixture(scope="session")
def mitdb() -> Path:
    """Folder of the MIT-BIH Arrhythmia Database."""
    return shared("data/mitdb")
