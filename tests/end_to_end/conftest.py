"""The system's real processes, around a broker and a Redis server of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import start_services


@dataclass
class System:
    """Starts processes of the system and keeps their logs."""

    settings: Settings
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, *words: str, within: Sequence[str] = (), redis_url: str = ""
    ) -> subprocess.Popen[bytes]:
        """Start ``ecg-monitor WORDS`` with this system's settings.

        Args:
            words: the command.
            within: words before it, which say where it runs.
            redis_url: address of Redis there; empty: that of the settings.
        """
        settings = replace(self.settings, redis_url=redis_url or self.settings.redis_url)
        process = processes.start(
            [*within, sys.executable, "-m", "ecg_monitor.cli", *words],
            log=self.folder / f"{words[0]}.log",
            environ={**os.environ, **to_environ(settings)},
        )
        self.started.append(process)
        return process

    def log(self, name: str) -> str:
        """What a process has said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """Broker and Redis on free ports, nothing else yet; all stopped at the end."""
    settings = Settings(state=str(tmp_path), secret="for tests only", partitions=2)
    with start_services(settings) as services:
        system = System(services.configure(settings), tmp_path)
        try:
            yield system
        finally:
            processes.stop(system.started, 5.0)
