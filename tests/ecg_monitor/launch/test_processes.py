"""Children die with their parent, stop when asked, and are killed when they do not listen."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecg_monitor.launch import processes
from tests.support.waiting import allowed_s, wait_until

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)",
)
PARENT = """
import signal, sys, time
from ecg_monitor.launch import processes
child = processes.start([sys.executable, "-c", "import time; time.sleep(60)"],
                        death_signal=signal.{signal})
print(child.pid, flush=True)
time.sleep(60)
"""


def _alive(pid: int) -> bool:
    try:
        # A zombie has no command line: it is dead, only not yet buried by its new parent.
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
@pytest.mark.parametrize("death_signal", ["SIGTERM", "SIGKILL"])
def test_child_dies_when_its_parent_is_killed(death_signal: str) -> None:
    code = PARENT.format(signal=death_signal)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _alive(child)
        parent.kill()
    wait_until(lambda: not _alive(child)), "the child outlived its parent"


def test_stop_kills_a_child_that_ignores_the_request(tmp_path: Path) -> None:
    log = tmp_path / "log"
    deaf, willing = processes.start(DEAF, log=log), processes.start(SLEEP)
    wait_until(lambda: log.read_text() == "deaf\n")
    began = time.monotonic()
    processes.stop([deaf, willing], within_s=0.4)
    assert time.monotonic() - began < allowed_s(20.0)
    assert deaf.returncode == -signal.SIGKILL
    assert willing.returncode == -signal.SIGTERM


def test_child_is_not_in_the_group_that_receives_ctrl_c() -> None:
    child = processes.start(SLEEP)
    try:
        assert os.getpgid(child.pid) == child.pid != os.getpgrp()
    finally:
        processes.stop([child], within_s=2.0)


def test_log_is_appended_and_its_end_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for word in ("one", "two", "three"):
        processes.start(("echo", word), log=log).wait()
    assert processes.tail(log, lines=2) == "two\nthree"
    assert processes.tail(tmp_path / "none") == ""


def test_missing_program_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        processes.start([str(tmp_path / "no-such-program")])


def test_a_port_is_not_given_twice_nor_lent_to_connections() -> None:
    ports = [processes.free_port() for _ in range(50)]
    assert len(set(ports)) == len(ports)
    assert max(ports) < 32_768
    with socket.create_server(("127.0.0.1", ports[0])), pytest.raises(OSError, match="address"):
        processes.free_port("192.0.2.1")  # RFC 5737: nobody's


def test_a_port_in_use_is_passed_over() -> None:
    port, other = processes.free_port(), processes.free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert processes.free_port(ports=iter((port, other))) == other


def test_ports() -> None:
    port = processes.free_port()
    assert processes.is_free("127.0.0.1", port)
    assert not processes.answers("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        assert not processes.is_free("127.0.0.1", port)
        assert processes.answers("127.0.0.1", port)
