"""A start that compiles tells how far it is, and only the process that compiles does."""

from __future__ import annotations

import asyncio
import fcntl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.analyzer import starting, warm
from detector.analyzer.starting import Stage, compile_engine
from ecg_monitor.core import keys
from ecg_monitor.core.store import Store
from tests.support.places import ROOT
from tests.support.waiting import allowed_s

STEP_S = 0.4


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_the_share_grows_and_never_reaches_the_next_step(first: float, second: float) -> None:
    stage = Stage(done_s=30.0, step_s=10.0, began=5.0)
    early, late = (stage.share(100.0, at) for at in sorted((first, second)))
    assert 0.3 <= early <= late <= 0.4


def test_steps_follow_each_other_without_a_jump_back() -> None:
    done_s = 0.0
    for step_s, _ in warm.STEPS:
        stage = Stage(done_s, step_s, 0.0)
        assert stage.share(warm.TOTAL_S, 0.0) == pytest.approx(done_s / warm.TOTAL_S)
        done_s += step_s
    assert done_s == pytest.approx(warm.TOTAL_S)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Two steps that take their time, told of at once, with a folder of their own."""

    def step() -> None:
        time.sleep(STEP_S)

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(warm, "STEPS", ((1.0, step), (1.0, step)))
    monkeypatch.setattr(warm, "TOTAL_S", 2.0)
    monkeypatch.setattr(starting, "QUICK_S", 0.0)
    monkeypatch.setattr(starting, "TELL_S", 0.02)
    return tmp_path


def step_until(condition: Callable[[], bool]) -> Callable[[], None]:
    """A step that takes until something has happened."""

    def step() -> None:
        end = time.monotonic() + allowed_s(60)
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)

    return step


@pytest.mark.usefixtures("slow")
async def test_pages_see_it_grow(redis_client: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    first, second = step_until(lambda: bool(told)), step_until(lambda: told[-1] > 0.5)
    monkeypatch.setattr(warm, "STEPS", ((1.0, first), (1.0, second)))
    compiling = asyncio.create_task(compile_engine(redis_client))
    while not compiling.done():
        text = await redis_client.get(keys.STARTING)
        if text is not None:
            told.append(float(text))
        await asyncio.sleep(0.01)
    await compiling
    assert told == sorted(told)
    assert told[0] < 0.5 < told[-1] < 1.0
    assert 0 < await redis_client.ttl(keys.STARTING) <= starting.EXPIRE_S


async def test_one_that_waits_for_another_says_nothing(slow: Path, redis_client: Store) -> None:
    with (slow / "compiling").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        compiling = asyncio.create_task(compile_engine(redis_client))
        await asyncio.sleep(STEP_S)
        assert not compiling.done()
        assert await redis_client.get(keys.STARTING) is None
    await compiling
    assert await redis_client.get(keys.STARTING) is not None


def test_a_process_that_compiling_has_made_heavy_begins_again_once() -> None:
    text = (
        "import os\n"
        "from detector.analyzer.starting import begin_again_if_heavy\n"
        "print(os.getpid())\n"
        "begin_again_if_heavy({most_mb})\n"
        "print('goes on')\n"
    )
    for most_mb, times in ((0.0, 2), (1e6, 1)):
        command = [sys.executable, "-c", text.format(most_mb=most_mb)]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        *pids, last = ran.stdout.split("\n")[:-1]
        assert len(pids) == times
        assert len(set(pids)) == 1
        assert last == "goes on"
