"""How long a user waits after `ecg-monitor run`: `make bench-start`, on a machine that rests.

Not part of the tests: its limit holds on a machine that does nothing else. Chromium is ready when
the system is started, and opens the link as soon as it is printed. With the environment variable
FIGURES naming a file, what is printed is written there as well, as documents quote it.
"""

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch import processes
from ecg_monitor.launch.processes import free_port
from tests.end_to_end.test_browser import CHROMIUM, FLAGS
from tests.support.measured import Measured
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(500)]

RUNS = 5
GOAL_S = 3.0
PAINTED = "() => [...(window.ecgMonitor?.beds.values() ?? [])].some((bed) => bed.paintedTo > 0)"
RATE = (
    "() => [...document.querySelectorAll('.tile .rate')].some((one) => /\\d/.test(one.textContent))"
)
"""A heart rate on a tile: the detector has found beats."""

measured = Measured()


@pytest.fixture
def page() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto("about:blank")
        yield page
        browser.close()


def started(folder: Path, page: Any) -> dict[str, float]:
    """Start the whole system with eight synthetic patients; return what was there when, s."""
    folder.mkdir()
    log, port = folder / "run.log", free_port()
    settings = Settings(state=str(folder), hub_port=free_port())
    began = time.monotonic()
    run = processes.start(
        [sys.executable, "-m", "ecg_monitor.cli", "run", "--beds", "8", "--port", str(port)],
        log=log,
        environ={**os.environ, **to_environ(settings)},
    )
    try:
        wait_until(lambda: "signin?token=" in log.read_text(), 90)
        answers_s = time.monotonic() - began
        page.goto(re.search(r"http://\S+/signin\?token=\S+", log.read_text())[0])
        page.wait_for_function(PAINTED, polling=10)
        trace_s = time.monotonic() - began
        page.wait_for_function(RATE, polling=10)
        rate_s = time.monotonic() - began
        page.goto("about:blank")
    finally:
        processes.stop([run], 20.0)
    return {"dashboard_answers_s": answers_s, "first_trace_s": trace_s, "first_rate_s": rate_s}


def test_first_trace_comes_soon(tmp_path, page):
    runs = [started(tmp_path / str(number), page) for number in range(RUNS)]
    middle = {name: round(median(run[name] for run in runs), 2) for name in runs[0]}
    measured.say(f"ecg-monitor run, 8 beds, median of {RUNS}", **middle)
    measured.write()
    assert middle["first_trace_s"] < GOAL_S
