"""Fixtures for tests of alert handling and delivery: a guarded broker, a receiver, the process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from tests.support.waiting import wait_until


@pytest.fixture
def guarded_broker(tmp_path: Path) -> Iterator[str]:
    """Host and port of a mosquitto that knows one user: `nurse`, password `right`."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    port = processes.free_port()
    program = programs.mosquitto(port, folder)
    if program is None:
        pytest.skip("mosquitto is not installed")
    passwords = folder / "passwords"
    passwords.touch()
    tool = programs.find("mosquitto_passwd")
    assert tool is not None, "mosquitto_passwd comes with mosquitto"
    subprocess.run([tool, "-b", str(passwords), "nurse", "right"], check=True, capture_output=True)
    conf = folder / "mosquitto.conf"
    text = conf.read_text().replace("allow_anonymous true", f"password_file {passwords}")
    conf.write_text(text)
    child = processes.start(program.command, log=folder / "log")
    wait_until(lambda: processes.answers("127.0.0.1", port), why=(folder / "log").read_text)
    yield f"127.0.0.1:{port}"
    processes.stop([child], 3.0)


class Receiver:
    """A webhook's receiver, whose behaviour the test sets.

    Attributes:
        answers: statuses of the next answers, or ``"hang"``; after them it answers ``status``.
        got: headers and body of each post.
        url: where it listens, or listened.
    """

    def __init__(self) -> None:
        self.answers: list[int | str] = []
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/hook", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def _handle(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if self.answers else self.status
        if answer == "hang":
            await asyncio.sleep(60)
        return web.Response(status=int(answer))

    @property
    def told(self) -> list[dict[str, Any]]:
        """What was posted."""
        return [orjson.loads(body) for _, body in self.got]

    @property
    def whats(self) -> list[str]:
        """Which changes were posted."""
        return [one["event"]["what"] for one in self.told]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    one = Receiver()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def start_deliver() -> Iterator[Callable[[Settings], subprocess.Popen[bytes]]]:
    """Starts delivery processes, which outlive neither the test nor the process that runs it."""
    started: list[subprocess.Popen[bytes]] = []

    def start(settings: Settings) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ecg_monitor.cli", "deliver"]
        started.append(processes.start(command, environ=os.environ | to_environ(settings)))
        return started[-1]

    yield start
    processes.stop(started, 2.0)
