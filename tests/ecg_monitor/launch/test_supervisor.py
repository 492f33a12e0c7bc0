"""The supervisor restarts what dies, gives up what cannot run, and stops all in order."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.services.probe import probe_redis
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.launch.supervisor import (
    FIRST_PAUSE_S,
    SETTLED_S,
    Child,
    GaveUpError,
    Supervisor,
)
from tests.support.waiting import allowed_s, wait_until

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def said() -> list[str]:
    """What the supervisor told the user."""
    return []


@pytest.fixture
def supervise(
    tmp_path: Path, said: list[str]
) -> Iterator[Callable[..., tuple[Supervisor, list[Child]]]]:
    """Starts a supervisor of children given as name and Python code."""
    supervisors: list[Supervisor] = []

    def start(
        may_end: bool = False, has_time: bool = False, **codes: str
    ) -> tuple[Supervisor, list[Child]]:
        children = [
            Child(
                name, (sys.executable, "-c", code), tmp_path / f"{name}.log", may_end,
                has_time=has_time,
            )
            for name, code in codes.items()
        ]  # fmt: skip
        supervisor = Supervisor(children, os.environ, said.append)
        supervisors.append(supervisor)
        supervisor.start()
        return supervisor, children

    yield start
    for supervisor in supervisors:
        supervisor.stop(1.0)


def _check_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    def look() -> bool:
        supervisor.check()
        return condition()

    wait_until(look)


def test_pauses_grow_until_a_child_has_been_healthy(supervise, said) -> None:
    supervisor, (child,) = supervise(hub="raise SystemExit(1)")

    def next_pause_s() -> float:
        known = len(said)
        _check_until(supervisor, lambda: len(said) > known)
        (pause,) = re.findall(r"starting it again in (\S+) s", said[-1])
        return float(pause)

    assert next_pause_s() == FIRST_PAUSE_S
    assert next_pause_s() == 2 * FIRST_PAUSE_S
    _check_until(supervisor, lambda: child.process is not None)
    child.started -= SETTLED_S
    assert next_pause_s() == FIRST_PAUSE_S


def test_killed_child_is_started_again_and_it_is_said(supervise, said) -> None:
    supervisor, (child,) = supervise(ingest=SLEEP)
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    _check_until(supervisor, lambda: child.process is not None and child.process.pid != first)
    assert len(said) == 1
    assert said[0].startswith("ingest died after")
    assert "signal 9" in said[0]


def test_last_line_of_the_log_is_said(supervise, said) -> None:
    supervisor, _ = supervise(hub="import sys; sys.exit('no such luck')")
    _check_until(supervisor, lambda: bool(said))
    assert "status 1: no such luck" in said[0]


def test_child_that_refuses_to_run_is_given_up(supervise) -> None:
    supervisor, _ = supervise(
        simulate="import sys; print('record 999: not found', file=sys.stderr); sys.exit(2)"
    )
    with pytest.raises(GaveUpError, match="record 999: not found"):
        _check_until(supervisor, lambda: False)


def test_what_has_run_before_is_not_given_up(supervise, said, tmp_path: Path) -> None:
    """It may be refused now because of what it depends on."""
    mark = tmp_path / "ran"
    code = (
        f"import pathlib, sys, time; mark = pathlib.Path({str(mark)!r})\n"
        "if mark.exists(): sys.exit(2)\n"
        "mark.touch(); time.sleep(60)"
    )
    supervisor, (child,) = supervise(deliver=code)
    _check_until(supervisor, mark.exists)
    os.kill(child.process.pid, signal.SIGKILL)
    _check_until(supervisor, lambda: len(said) >= 2)
    assert "status 2" in said[1]


def test_a_server_is_started_again_where_it_was(tmp_path: Path, said) -> None:
    service = start_redis(Settings(state=str(tmp_path)))
    server = Child("redis", (), tmp_path / "log", spawn=service.restart, process=service.process)
    supervisor = Supervisor([], os.environ, said.append, [server])
    supervisor.start()
    first = service.process
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    _check_until(supervisor, lambda: service.process is not first)

    def answers() -> bool:
        try:
            probe_redis(service.url)
        except ServiceError:
            return False
        return True

    wait_until(answers)
    assert said[0].startswith("redis died after")
    supervisor.stop(1.0)
    assert service.process.poll() is None, "who brought it stops it"
    service.stop()
    assert service.process.poll() is not None


def test_child_may_finish(supervise, said) -> None:
    supervisor, (child,) = supervise(may_end=True, simulate="pass")
    _check_until(supervisor, lambda: bool(said))
    assert said == ["simulate has finished"]
    assert child.start_at is None


def test_what_has_time_starts_when_told_and_once(supervise, said) -> None:
    supervisor, (child,) = supervise(has_time=True, record=SLEEP)
    supervisor.check()
    assert (child.process, child.starts) == (None, 0)
    supervisor.start_rest()
    first = child.process
    supervisor.start_rest()
    assert (child.process, child.starts, said) == (first, 1, [])


def test_what_had_time_is_started_again_like_others(supervise) -> None:
    supervisor, (child,) = supervise(has_time=True, record="raise SystemExit(1)")
    supervisor.start_rest()
    _check_until(supervisor, lambda: child.starts == 2)


def test_what_has_time_does_not_start_by_a_stop(supervise) -> None:
    supervisor, (child,) = supervise(has_time=True, record=SLEEP)
    supervisor.stop(1.0)
    assert (child.process, child.starts) == (None, 0)


def test_stop_goes_backwards(supervise, tmp_path: Path) -> None:
    record = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        f"def end(*_): open({str(record)!r}, 'a').write('NAME '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready', file=sys.stderr, flush=True)\n"
        "time.sleep(60)\n"
    )
    names = ("ingest", "detect", "simulate")
    supervisor, children = supervise(**{name: code.replace("NAME", name) for name in names})
    _check_until(supervisor, lambda: all(c.log.read_text() == "ready\n" for c in children))
    supervisor.stop(30.0)
    assert record.read_text().split() == ["simulate", "detect", "ingest"]


def test_stop_keeps_its_time_when_children_do_not_listen(supervise) -> None:
    code = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"print('ready', file=sys.stderr, flush=True); {SLEEP}"
    )
    supervisor, children = supervise(a=code, b=code)
    _check_until(supervisor, lambda: all(c.log.read_text() == "ready\n" for c in children))
    began = time.monotonic()
    supervisor.stop(0.6)
    assert time.monotonic() - began < allowed_s(20.0)
    assert all(child.process is None for child in children)
