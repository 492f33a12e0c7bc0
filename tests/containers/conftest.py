"""A Docker daemon with base images, and the system of compose.yaml in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.containers import engine
from tests.support.containers.system import System, system


@pytest.fixture(scope="session")
def daemon() -> Iterator[str]:
    """Address of a Docker daemon that has the base images."""
    lacking = engine.missing()
    if lacking:
        pytest.fail(f"containers cannot be tested: {lacking}")
    with engine.daemon() as address:
        made = engine.make_bases(address)
        print(f"base images made: {', '.join(made) or 'none, all are there'}")
        yield address


@pytest.fixture(scope="module")
def whole(daemon: str) -> Iterator[System]:
    """The project, not started yet; nothing is left of it when the module ends.

    Its folder is not one of pytest, which other runs of pytest may remove while it is mounted.
    """
    with (
        tempfile.TemporaryDirectory(prefix="ecg-containers-") as folder,
        system(daemon, Path(folder)) as one,
    ):
        yield one
