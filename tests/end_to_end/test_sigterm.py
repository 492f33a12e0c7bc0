"""Every process ends when it is told to, also while Redis is away."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import start_services
from tests.support.waiting import allowed_s

COMPILED_WITHIN_S = 300.0
"""After an update the detector compiles its engine first."""
pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 120)
WITHIN_S = 5.0
"""Longest time for a process to end, on a machine that has time, s."""
COMMANDS = {
    "ingest": ["ingest"],
    "detect": ["detect"],
    "explain": ["explain"],
    "deliver": ["deliver"],
    "hub": ["hub"],
    "dashboard": ["dashboard"],
    "api": ["api"],
    "work": ["work", "--lazy"],
    "simulate": ["simulate", "--scenario", "sinus", "--no-progress"],
}
"""The overseer of alerts is a part of ``deliver``."""
SAYS = {
    "simulate": "synthetic patients",
    "dashboard": "dashboard listens",
    "api": "listens",
    "work": "ready for uploads",
}
"""By what the log shows that it works; the others report themselves to Redis."""

Ended = dict[str, tuple[float, float, int | None, str]]
"""By command: how long it took to end, and how long it might, s; its exit status; its log."""


def at_work(redis_url: str, logs: Path) -> set[str]:
    """Commands that have begun to work."""
    with redis.Redis.from_url(redis_url) as client:
        working = {name.decode().split(":")[0] for name in client.hkeys(keys.THROUGHPUT)}
        working |= {"explain"} if client.exists(keys.EXPLAIN_ALIVE) else set()
    return working | {name for name, said in SAYS.items() if said in (logs / name).read_text()}


def start_all(settings: Settings, logs: Path) -> dict[str, subprocess.Popen[bytes]]:
    """Start one process of each command."""
    started = {}
    for name, words in COMMANDS.items():
        (logs / name).touch()
        started[name] = processes.start(
            [sys.executable, "-m", "ecg_monitor.cli", *words],
            log=logs / name,
            environ=os.environ | to_environ(settings) | {"PYTHONUNBUFFERED": "1"},
        )
    return started


def end_all(started: dict[str, subprocess.Popen[bytes]], logs: Path) -> Ended:
    """Tell each to end; who does not is killed, and shows no status."""
    found = {}
    for name, process in started.items():
        began = time.monotonic()
        process.terminate()
        patience_s = allowed_s(WITHIN_S)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(4 * patience_s)
        took_s, most_s = time.monotonic() - began, max(patience_s, allowed_s(WITHIN_S))
        found[name] = (took_s, most_s, process.poll(), (logs / name).read_text())
    return found


@pytest.fixture(scope="module", params=[signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def ended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """How all processes ended, at once in one system, after Redis was killed or frozen."""
    folder = tmp_path_factory.mktemp("sigterm")
    settings = Settings(
        state=str(folder),
        secret="for tests only",
        partitions=2,
        port=processes.free_port(),
        hub_port=processes.free_port(),
        api_port=processes.free_port(),
        webhook_url="http://127.0.0.1:9/nobody",
    )
    with start_services(settings) as services:
        store = services.redis.process
        assert store is not None
        started = start_all(services.configure(settings), folder)
        try:
            deadline = time.monotonic() + allowed_s(COMPILED_WITHIN_S)
            while missing := COMMANDS.keys() - at_work(services.redis.url, folder):
                assert time.monotonic() < deadline, f"not at work: {missing}"
                time.sleep(0.1)
            store.send_signal(request.param)
            time.sleep(2.5)  # by now they try again
            return end_all(started, folder)
        finally:
            processes.stop(list(started.values()), 0.0)
            store.kill()


@pytest.mark.parametrize("command", COMMANDS)
def test_it_ends_while_redis_is_away(ended: Ended, command: str) -> None:
    took_s, most_s, status, said = ended[command]
    assert took_s < most_s, said
    assert status == 0, said
    assert "Traceback" not in said
