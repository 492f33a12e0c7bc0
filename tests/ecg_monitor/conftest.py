"""Fixtures of the kernel's tests."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_monitor import processes
from ecg_monitor.services import programs


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
    deadline = time.monotonic() + 5.0
    while not processes.answers("127.0.0.1", port):
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.02)
    yield f"127.0.0.1:{port}"
    processes.stop([child], 3.0)
