"""Workers as processes of their own, and the API whose queue they work at."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ecg_monitor.core.settings import PREFIX, Settings, to_environ
from tests.gateway.api.conftest import api, app, grant
from tests.support.places import ROOT

__all__ = ["api", "app", "grant"]

Working = Callable[..., Any]


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_url, state=str(tmp_path), api_upload_mb=8)


@pytest.fixture
def working(settings: Settings, tmp_path: Path) -> Working:
    """Return a context in which a worker runs; it is killed at the end."""

    @contextmanager
    def run() -> Iterator[subprocess.Popen[bytes]]:
        environ = {name: v for name, v in os.environ.items() if not name.startswith(PREFIX)}
        with (tmp_path / "work.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "ecg_monitor.cli", "work"],
                env=environ | to_environ(settings), stdout=log, stderr=log, cwd=ROOT,
            )  # fmt: skip
        try:
            yield worker
        finally:
            worker.kill()
            worker.wait()

    return run
