"""`run` settles secret and ports, starts the whole system, and stops it within five seconds."""

from __future__ import annotations

import argparse
import contextlib
import http.cookiejar
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import redis

from ecg_monitor import cli
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ServiceError, SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.run import add_arguments, beds_wanted
from ecg_monitor.launch.run_setup import parts, with_api_port, with_ports, with_secret
from tests.support.waiting import PATIENCE_S, allowed_s, wait_until

PARTS = 12
"""Broker, Redis, ingest, two detectors, explain, deliver, hub, dashboard, recorder, worker,
simulator."""


def _arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    return parser.parse_args(words)


def test_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(state=str(tmp_path / "state"))
    first = with_secret(settings)
    assert len(first.secret) >= 32
    assert with_secret(settings) == first
    path = tmp_path / "state" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]
    assert with_secret(replace(settings, secret="mine")).secret == "mine"


def test_unusable_secret_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(SettingsError, match="is empty"):
        with_secret(Settings(state=str(tmp_path)))
    with pytest.raises(SettingsError, match="ECG_SECRET"):
        with_secret(Settings(state=str(tmp_path / "secret")))


def test_a_port_that_was_asked_for_is_used_or_refused() -> None:
    port = processes.free_port()
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(ServiceError, match=f"port {port} .* --port"):
            with_ports(Settings(), asked=port)
        with pytest.raises(ServiceError, match=f"port {port} "):
            with_ports(Settings(port=port), asked=None)
        with pytest.raises(ServiceError, match=f"hub port {port} "):
            with_ports(Settings(hub_port=port), asked=processes.free_port())
    with pytest.raises(SettingsError, match="--port"):
        with_ports(Settings(), asked=70_000)


def test_the_port_of_the_api_is_free_and_nobody_elses():
    port = processes.free_port()
    assert with_api_port(Settings(api_port=port)).api_port == port
    with pytest.raises(ServiceError, match="ECG_API_PORT"):
        with_api_port(Settings(api_port=port, port=port - 1, hub_port=port))
    moved = with_api_port(Settings(port=Settings().api_port))
    assert moved.api_port > Settings().api_port


def test_default_port_moves_when_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = {8050, 8053}
    monkeypatch.setattr(processes, "is_free", lambda host, port: port not in taken)
    settings = with_ports(Settings(), asked=None)
    assert (settings.port, settings.hub_port) == (8054, 8055)


def test_port_0_takes_free_ones() -> None:
    settings = with_ports(Settings(), asked=0)
    assert processes.is_free("127.0.0.1", settings.port)
    assert settings.port != settings.hub_port != 0


def test_simulator_is_told_what_run_was_told(tmp_path: Path) -> None:
    words = ("--beds", "3", "--records", "100,106", "--data", "/d", "--speed", "2.5")
    children = parts(_arguments(*words), 4, tmp_path)
    assert [child.name for child in children] == [
        "ingest",
        "detect",
        "deliver",
        "explain",
        "hub",
        "dashboard",
        "record",
        "work",
        "simulate",
        "detect-spare",
    ]
    assert list(children[-1].command[3:]) == ["detect", "--standby"]
    assert list(children[-2].command[3:]) == [
        *("simulate", "--beds", "3", "--speed", "2.5", "--records", "100,106", "--data", "/d")
    ]
    without = parts(
        _arguments("--no-simulator", "--no-spare", "--no-record", "--no-work"), 4, tmp_path
    )
    assert [child.name for child in without] == [
        *("ingest", "detect", "deliver", "explain", "hub", "dashboard")
    ]


def test_detectors_share_the_partitions_and_the_spare_stands_by_for_all(tmp_path: Path) -> None:
    children = parts(_arguments("--detectors", "2"), 4, tmp_path)
    words = {child.name: child.command[4:] for child in children if child.command[3] == "detect"}
    assert words == {
        "detect": ("--standby", "--partitions", "0-1"),
        "detect-2": ("--standby", "--partitions", "2-3"),
        "detect-spare": ("--standby",),
    }


def test_every_record_that_is_named_gets_a_bed() -> None:
    assert beds_wanted(_arguments()) == 8
    assert beds_wanted(_arguments("--records", "208,119,100")) == 3
    assert beds_wanted(_arguments("--records", "208,119", "--beds", "16")) == 16


def test_a_folder_that_is_not_there_is_told_before_anything_starts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["run", "--data", "/nowhere"]) == 2
    assert capsys.readouterr().err == "ecg-monitor run: --data: /nowhere is not a folder\n"


@pytest.mark.parametrize(
    "words", [("--beds", "0"), ("--beds", "many"), ("--speed", "0"), ("--speed", "nan")]
)
def test_wrong_arguments_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(argparse.ArgumentError):
        _arguments(*words)


class Run:
    """A running `ecg-monitor run` and what it has printed so far."""

    def __init__(self, state: Path, *words: str) -> None:
        self.state = state
        environ = os.environ | {"ECG_STATE": str(state), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            (sys.executable, "-m", "ecg_monitor.cli", "run", *words),
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.text = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.text += line

    def wait_for(self, pattern: str, seconds: float = 100.0) -> re.Match[str]:
        """Wait until the output has ``pattern``."""

        def look() -> re.Match[str] | None:
            found = re.search(pattern, self.text)
            assert found or self.process.poll() is None, self.text
            return found

        found = wait_until(look, seconds, why=lambda: self.text)
        assert found is not None
        return found

    def end(self) -> int:
        """Wait for the end; return the exit status."""
        status = self.process.wait(allowed_s(PATIENCE_S))
        self._reader.join()
        return status

    def descendants(self) -> set[int]:
        """Process ids of the children."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(word) for word in path.read_text().split()}


@pytest.fixture
def start_run(tmp_path: Path):
    """Starts `run` with a state folder of its own; kills what the test left."""
    runs: list[Run] = []

    def start(*words: str) -> Run:
        runs.append(Run(tmp_path / "state", *words))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
        run.end()


def _alive(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 0)], ids=["Ctrl-C", "SIGTERM"]
)
def test_whole_system_starts_and_stops(start_run, number: signal.Signals, status: int) -> None:
    run = start_run("--port", "0", "--beds", "2", "--speed", "4")
    run.wait_for("2 beds live after")
    link = run.wait_for(r"Open +(http://127\.0\.0\.1:\S+)")[1]
    browser = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with browser.open(link, timeout=allowed_s(10)) as page:
        assert page.status == 200
        assert "signin" not in page.url
    run.wait_for(r"export ECG_MQTT_URL=mqtt://127\.0\.0\.1:\d+ ECG_REDIS_URL=unix:///")
    open_to_others = [
        path
        for path in run.state.rglob("*")
        if not path.is_dir() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_to_others == []
    wait_until(lambda: len(run.descendants()) == PARTS)  # some have time, and start later
    children = run.descendants()
    began = time.monotonic()
    run.process.send_signal(number)
    assert run.end() == status
    assert time.monotonic() - began < allowed_s(5.0)
    assert not [pid for pid in children if _alive(pid)]
    assert len(re.findall(r"Open +http", run.text)) == 1
    assert "died" not in run.text


def test_killed_part_is_started_again_and_killed_run_leaves_nothing(start_run) -> None:
    run = start_run("--port", "0", "--beds", "1")
    run.wait_for("1 bed live after")
    children = run.descendants()
    (ingest,) = [
        pid for pid in children if b"\0ingest\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(ingest, signal.SIGKILL)
    run.wait_for(r"ingest died after .*\(signal 9: ")
    wait_until(lambda: len(run.descendants()) >= PARTS)
    children = run.descendants()
    run.process.kill()
    wait_until(
        lambda: not any(_alive(pid) for pid in children), why=lambda: "a part outlived a killed run"
    )


def _pid_of(run: Run, word: bytes) -> int | None:
    """Process id of the child whose command line has a word."""
    for pid in run.descendants():
        with contextlib.suppress(OSError):
            if word in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    return None


def _is_back(run: Run, word: bytes, former: int | None) -> bool:
    return _pid_of(run, word) not in (None, former)


def test_servers_are_started_again_like_all_parts(start_run) -> None:
    """And a part that starts again while a server is away does not end the system."""
    run = start_run("--port", "0", "--beds", "1")
    run.wait_for("1 bed live after")
    url = run.wait_for(r"ECG_REDIS_URL=(\S+)")[1]
    victims = {name: _pid_of(run, name) for name in (b"redis-server", b"mosquitto", b"\0deliver")}
    for name in (b"redis-server", b"\0deliver", b"mosquitto"):
        pid = victims[name]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    for name, former in victims.items():
        wait_until(partial(_is_back, run, name, former))
    client = redis.Redis.from_url(url)

    def newest() -> bytes:
        with contextlib.suppress(redis.RedisError):
            for partition in range(4):
                if found := client.xrevrange(keys.wave(partition), count=1):
                    return bytes(found[0][0])
        return b""

    came = wait_until(newest)
    wait_until(lambda: newest() not in (b"", came), why=lambda: run.text)
    client.close()
    assert run.process.poll() is None, run.text
    assert run.text.count("starting it again") >= 3


def test_wrong_record_ends_run_with_the_reason(start_run) -> None:
    run = start_run("--port", "0", "--records", "no-such-record")
    assert run.end() == 2
    assert "no-such-record" in run.text


def test_wrong_broker_ends_run_at_once(start_run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECG_MQTT_URL", f"mqtt://127.0.0.1:{processes.free_port()}")
    began = time.monotonic()
    run = start_run("--port", "0")
    assert run.end() == 2
    assert time.monotonic() - began < allowed_s(20.0)
    assert "ECG_MQTT_URL" in run.text
