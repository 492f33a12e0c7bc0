"""The wall in a real Chromium: it sweeps, it is right, it says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.serial]

PX_PER_MM = 96 / 25.4


def until(page: Any, condition: str, within_s: float = 25.0) -> None:
    """Wait until a JavaScript expression is true; the page's own policy forbids it to poll."""
    end = monotonic() + within_s
    while not page.evaluate(condition):
        assert monotonic() < end, f"never became true: {condition}"
        page.wait_for_timeout(100)


# Per canvas column: topmost and lowest row that the trace has painted, in the area of the trace.
COLUMNS = """(canvas) => {
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const columns = [];
  for (let x = 0; x < width; x++) {
    let top = null, bottom = null;
    for (let y = 16; y < height; y++) {
      if (data[(y * width + x) * 4 + 3] < 128) continue;
      top ??= y;
      bottom = y;
    }
    columns.push([top, bottom]);
  }
  return { columns, height };
}"""


# Lead names that touch the 1 mV mark.
OVERLAPS = """() => [...document.querySelectorAll(".trace")].filter((trace) => {
  const name = trace.querySelector(".lead").getBoundingClientRect();
  const mark = trace.querySelector(".millivolt").getBoundingClientRect();
  return name.bottom + 2 > mark.top && mark.bottom > name.top;
}).map((trace) => trace.innerText)"""


@pytest.fixture
def page(browser: Any, site: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site.link)
    yield page
    context.close()
    assert errors == []


def test_sixteen_beds_sweep(page: Any, feed: Any, artifacts: Path) -> None:
    feed(16, "--alarms")
    until(page, "document.querySelectorAll('.tile').length === 16")
    page.wait_for_timeout(10_000)
    figures = page.evaluate("window.ecgMonitor.figures()")
    page.screenshot(path=artifacts / "wall-16-1920.png")
    assert figures["fps"] >= 55
    painted = page.evaluate(
        """() => new Promise((resolve) => {
          let count = 0, last = null;
          const canvas = document.querySelector(".tile canvas");
          const bed = [...window.ecgMonitor.beds.values()][0];
          const end = performance.now() + 2000;
          const look = () => {
            if (bed.paintedTo !== last) count++;
            last = bed.paintedTo;
            if (performance.now() < end) requestAnimationFrame(look); else resolve(count / 2);
          };
          look();
        })"""
    )
    assert painted >= 50
    rates = page.eval_on_selector_all(".rate", "all => all.map(one => one.textContent)")
    assert all(40 <= int(rate) <= 190 for rate in rates)
    assert figures["p50"] < 320  # 250 of them are the packet's own length
    alarms = page.eval_on_selector_all(
        ".tile[data-alarm]", "all => all.map(one => [one.dataset.alarm, one.innerText])"
    )
    assert [priority for priority, _ in alarms] == [
        *("high", "high", "high", "low", "medium", "medium")
    ]
    assert "!!! Asystole" in alarms[0][1]
    assert page.evaluate("document.querySelector('#view').scrollHeight") <= 1080 - 42
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_timeout(700)
    page.screenshot(path=artifacts / "wall-16-1280.png")
    marks = page.eval_on_selector_all(
        ".tile .millivolt", "all => all.map(one => parseFloat(one.style.height))"
    )
    assert marks == pytest.approx(
        [5 * PX_PER_MM] * 16, abs=0.01
    )  # low traces: half the usual 10 mm/mV
    columns = page.eval_on_selector("#view", "one => getComputedStyle(one).gridTemplateColumns")
    assert len(columns.split()) == 4
    overflow = "one => one.scrollHeight - one.clientHeight"
    assert page.eval_on_selector("#view", overflow) <= 0
    assert page.evaluate(OVERLAPS) == []


def test_known_signal_is_drawn_where_it_belongs(page: Any, feed: Any, artifacts: Path) -> None:
    feed(1, "--pattern", "--gap", "7")
    page.wait_for_selector(".tile canvas")
    page.wait_for_timeout(14_000)
    page.screenshot(path=artifacts / "pattern.png")
    drawn = page.eval_on_selector(".tile canvas", COLUMNS)
    columns, middle = drawn["columns"], (15 + drawn["height"]) / 2
    millivolt = 10 * PX_PER_MM
    flat = [
        (top + bottom + 1) / 2 for top, bottom in columns if top is not None and bottom - top <= 3
    ]
    low = [y for y in flat if abs(y - middle) < 3]
    high = [y for y in flat if abs(y - (middle - millivolt)) < 3]
    assert len(low) + len(high) == len(flat)
    assert max(abs(y - middle) for y in low) <= 1, sorted({y - middle for y in low})
    assert max(abs(y - (middle - millivolt)) for y in high) <= 1, sorted(set(high))
    # Edges of the pulses: one second from rise to rise, 0.2 s from rise to fall.
    edges = [x for x, (top, bottom) in enumerate(columns) if top is not None and bottom - top > 30]
    starts = [x for x, former in zip(edges, [-99, *edges], strict=False) if x - former > 3]
    second = 25 * PX_PER_MM
    steps = [b - a for a, b in pairwise(starts)]
    expected = (0.2 * second, 0.8 * second)
    near = [step for step in steps if min(abs(step - one) for one in expected) <= 2]
    assert len(near) >= 12
    # A second in seven was never sent: it is blank, not bridged.
    blanks = blank_stretches(columns)
    assert [width for width in blanks if abs(width - second) <= 2.5], blanks


def blank_stretches(columns: list[list[int | None]]) -> list[int]:
    widths = []
    width = 0
    for top, _ in columns:
        if top is None:
            width += 1
        elif width:
            widths.append(width)
            width = 0
    return widths


def test_silence_and_return_of_the_hub_are_told(page: Any, feed: Any) -> None:
    feed(2)
    page.wait_for_selector(".tile canvas")
    until(page, "[...document.querySelectorAll('.rate')].every(e => e.textContent > '0')")
    page.evaluate("window.ecgMonitor.hub.socket.close()")
    until(page, "document.querySelector('#hub-state').textContent.startsWith('Hub away')")
    until(page, "document.querySelector('#hub-state').textContent === 'Live'")
    page.wait_for_timeout(500)
    assert len(page.query_selector_all(".tile")) == 2


def test_replay_says_so(page: Any, feed: Any) -> None:
    feed(2, "--speed", "10")
    until(page, "document.querySelector('.tile')?.innerText.includes('replay \u00d710')")


def test_page_of_a_bed(page: Any, feed: Any, site: Any, artifacts: Path) -> None:
    feed(6, "--alarms")
    page.goto(f"{site.url}/bed/bed-1")
    until(page, "document.querySelectorAll('canvas').length === 2")
    until(page, "document.querySelectorAll('tr[data-kind=N]').length >= 4")
    until(page, "document.body.innerText.includes('Asystole')")
    page.wait_for_timeout(4000)
    page.screenshot(path=artifacts / "bed-1920.png")
    assert page.evaluate(OVERLAPS) == []
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_timeout(700)
    page.screenshot(path=artifacts / "bed-1280.png")
    page.goto(f"{site.url}/bed/bed-6")
    until(page, "document.querySelectorAll('tr[data-kind=V][data-unusual]').length >= 1")
    assert int(page.inner_text(".main-number .rate")) >= 100
    page.screenshot(path=artifacts / "bed-6-1280.png")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.wait_for_timeout(4000)
    page.screenshot(path=artifacts / "bed-6-1920.png")
    assert page.inner_text(".lead >> nth=0") == "MLII"
    page.goto(f"{site.url}/system")
    until(page, "document.body.innerText.includes('bed-2')")
    page.screenshot(path=artifacts / "system-1920.png")


def test_two_leads_on_the_wall(page: Any, feed: Any, site: Any) -> None:
    feed(2)
    page.goto(f"{site.url}/?leads=2")
    until(page, "document.querySelectorAll('.tile canvas').length === 4")


def test_scale_by_ruler(page: Any, feed: Any) -> None:
    feed(1)
    page.wait_for_selector(".tile canvas")
    page.click("#scale-button")
    page.fill(".scale-dialog input", "60")
    page.keyboard.press("Enter")
    until(page, "localStorage.getItem('ecg-monitor.px-per-mm') === '5'")
    assert page.eval_on_selector(".millivolt", "mark => mark.style.height") == "50px"


def test_without_a_session(browser: Any, site: Any, artifacts: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    answer = page.goto(site.url)
    assert answer.status == 401
    assert "ecg-monitor dashboard --link" in page.inner_text("main")
    page.screenshot(path=artifacts / "signed-out-1280.png")
    context.close()
