"""Two Redis servers of one system, which a test may kill and start again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_monitor.launch.services.start import Service
from tests.support.stores import start_store


class TwoServers:
    """Two servers, empty at first; each keeps its port and its folder."""

    def __init__(self, folder: Path) -> None:
        self._services = [start_store(folder / name) for name in ("a", "b")]

    @property
    def urls(self) -> list[str]:
        """Their addresses, in order."""
        return [one.url for one in self._services]

    @property
    def url(self) -> str:
        """What ECG_REDIS_URL names."""
        return ",".join(self.urls)

    def address(self, index: int) -> str:
        """What people call one."""
        return self.urls[index].removeprefix("redis://").removesuffix("/0")

    def kill(self, index: int) -> None:
        """End one at once."""
        process = self._of(index).process
        assert process is not None
        process.kill()
        process.wait()

    def restart(self, index: int) -> None:
        """Start one again, with what it had."""
        self._of(index).restart()

    def stop(self) -> None:
        """End both."""
        for one in self._services:
            one.stop()

    def _of(self, index: int) -> Service:
        return self._services[index]


@pytest.fixture
def two_servers(tmp_path: Path) -> Iterator[TwoServers]:
    """Two servers that no other test uses."""
    servers = TwoServers(tmp_path / "redis")
    yield servers
    servers.stop()
