"""The wall in a real Chromium: it sweeps, it is right, it says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil, floor
from pathlib import Path
from time import time
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.types import alert_id
from tests.support.pages import flawless, until
from tests.support.sites import Site, feeding

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

PX_PER_MM = 96 / 25.4


# What is drawn, per canvas column the topmost and lowest row of the trace; and where the sweep is.
COLUMNS = """() => {
  const canvas = document.querySelector(".tile canvas");
  const bed = [...window.ecgMonitor.beds.values()][0];
  const sweep = [...[...bed.sweeps.values()][0]][0];
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const columns = [];
  for (let x = 0; x < width; x++) {
    let top = null, bottom = null;
    for (let y = 16; y < height - 4; y++) {
      if (data[(y * width + x) * 4 + 3] < 128) continue;
      top ??= y;
      bottom = y;
    }
    columns.push([top, bottom]);
  }
  return { columns, width, height, newest: sweep.drawnTo, oldest: sweep.oldest(),
    fs: bed.info.fs };
}"""


# Lead names that touch the 1 mV mark.
OVERLAPS = """() => [...document.querySelectorAll(".trace")].filter((trace) => {
  const name = trace.querySelector(".lead").getBoundingClientRect();
  const mark = trace.querySelector(".millivolt").getBoundingClientRect();
  return name.bottom + 2 > mark.top && mark.bottom > name.top;
}).map((trace) => trace.innerText)"""


@contextmanager
def page_of(browser: Any, site: Site) -> Iterator[Any]:
    """The wall of a site."""
    with flawless(browser, 1920, 1080) as context:
        page = context.new_page()
        page.goto(site.link)
        yield page


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """The wall of a site of the test's own, which it feeds."""
    with page_of(browser, site) as page:
        yield page


@pytest.fixture(scope="module")
def two_beds(open_site: Callable[..., Any], mitdb: Path) -> Iterator[Site]:
    """Two beds, shared by tests of what a screen shows of them."""
    with open_site() as one, feeding(one, mitdb, 2):
        yield one


@pytest.fixture
def screen(browser: Any, two_beds: Site) -> Iterator[Any]:
    """The wall of two beds."""
    with page_of(browser, two_beds) as page:
        yield page


@pytest.fixture(scope="module")
def twelve_leads(open_site: Callable[..., Any], mitdb: Path) -> Iterator[Site]:
    """One bed with twelve leads."""
    with open_site() as one, feeding(one, mitdb, 1, "--twelve"):
        yield one


# Frames per second, over two seconds, in which there was something new on the first trace.
PAINTED = """() => new Promise((resolve) => {
  let count = 0, last = null;
  const bed = [...window.ecgMonitor.beds.values()][0];
  const end = performance.now() + 2000;
  const look = () => {
    if (bed.paintedTo !== last) count++;
    last = bed.paintedTo;
    if (performance.now() < end) requestAnimationFrame(look); else resolve(count / 2);
  };
  look();
})"""


@pytest.mark.serial
def test_sixteen_beds_sweep(page: Any, feed: Any, artifacts: Path) -> None:
    feed(16, "--alarms")
    until(page, "document.querySelectorAll('.tile').length === 16")
    # A machine that was busy for a moment is given time: these are of the last seconds.
    until(page, "window.ecgMonitor.figures().fps >= 55", 50)
    until(page, "[...document.querySelectorAll('.rate')].every((one) => one.textContent !== '--')")
    until(page, "document.querySelectorAll('.tile[data-alarm]').length === 6")
    page.screenshot(path=artifacts / "wall-16-1920.png")
    assert any(page.evaluate(PAINTED) >= 50 for _ in range(10))
    until(page, "window.ecgMonitor.figures().p50 < 320", 100)  # 250 are the packet's own length
    rates = page.eval_on_selector_all(".rate", "all => all.map(one => one.textContent)")
    assert rates.count("-?-") == 3, "asystole, fibrillation, all leads off"
    assert all(40 <= int(rate) <= 190 for rate in rates if rate != "-?-")
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
        ".trace",
        """all => all.map((one) => [one.dataset.mmPerMv,
          one.querySelector(".factor").textContent, one.querySelector(".mark")?.textContent,
          parseFloat(one.querySelector(".millivolt").style.height)])""",
    )
    for gain, factor, mark, height in marks:  # each as high as fits
        assert factor == f"×{float(gain) / 10:g}"
        shown = float((mark or "1 mV").split()[0])
        assert height == pytest.approx(float(gain) * shown * PX_PER_MM, abs=0.01)
    until(page, "!document.querySelector('.gain .cut')")  # what the new size cuts is soon over
    columns = page.eval_on_selector("#view", "one => getComputedStyle(one).gridTemplateColumns")
    assert len(columns.split()) == 4
    overflow = "one => one.scrollHeight - one.clientHeight"
    assert page.eval_on_selector("#view", overflow) <= 0
    assert page.evaluate(OVERLAPS) == []


PULSE_S = 0.2


@pytest.mark.serial
def test_known_signal_is_drawn_where_it_belongs(page: Any, feed: Any, artifacts: Path) -> None:
    """Pulses of 1 mV, a second in seven that is never sent, one with the lead off: within 1 px."""
    feed(1, "--pattern", "--gap", "7", "--leadoff", "7")
    page.goto(f"{page.url.partition('?')[0]}?gain=1")  # 10 mm/mV, not what would fit
    page.wait_for_selector(".tile canvas")
    until(page, "[...window.ecgMonitor.beds.values()][0]?.paintedTo > 13 * 360")
    page.screenshot(path=artifacts / "pattern.png")
    drawn = page.evaluate(COLUMNS)
    columns, width = drawn["columns"], drawn["width"]
    low = (15 + drawn["height"] - 4) / 2
    high = low - 10 * PX_PER_MM
    speed = 25 * PX_PER_MM

    def column(seconds: float) -> float:
        return (seconds * speed) % width

    def between(begin: float, end: float) -> list[list[int | None]]:
        """Columns that lie wholly between two times, 1.5 px clear of both."""
        first, last = begin * speed + 1.5, end * speed - 1.5
        return [columns[x % width] for x in range(ceil(first), floor(last))]

    def off(pairs: list[list[Any]], y: float) -> float:
        return max(abs((top + bottom + 1) / 2 - y) for top, bottom in pairs)

    def blank(second: int) -> bool:
        return second % 7 in (6, 3)

    first, last = ceil(drawn["oldest"] / drawn["fs"]) + 1, floor(drawn["newest"] / drawn["fs"]) - 1
    seconds = range(first, last)
    assert {second % 7 for second in seconds} == set(range(7))
    for second in seconds:
        if blank(second):
            assert all(top is None for top, _ in between(second, second + 1)), second
            continue
        assert off(between(second, second + PULSE_S), high) <= 1, second
        assert off(between(second + PULSE_S, second + 1), low) <= 1, second
        for edge in (second, second + PULSE_S):
            if edge == second and blank(second - 1):
                continue  # nothing to rise from
            near = [columns[(round(column(edge)) + dx) % width] for dx in (-1, 0, 1)]
            assert any(top is not None and bottom - top > 30 for top, bottom in near), edge


@pytest.mark.serial
def test_an_alarm_is_on_the_screen_within_half_a_second(page: Any, feed: Any, site: Any) -> None:
    """From the detector's commit in Redis to the painted frame, while 16 beds sweep."""
    feed(16)
    until(page, "document.querySelectorAll('.tile canvas').length === 16")
    page.wait_for_timeout(3000)
    page.evaluate(
        """() => {
          window.shown = {};
          const observer = new MutationObserver((records) => {
            for (const { target } of records) {
              const { device, alarm } = target.dataset;
              if (alarm === "high") requestAnimationFrame(() => requestAnimationFrame(
                () => { window.shown[device] ??= Date.now() / 1000; }));
            }
          });
          for (const tile of document.querySelectorAll(".tile")) {
            observer.observe(tile, { attributeFilter: ["data-alarm"] });
          }
        }"""
    )
    client = redis.Redis.from_url(site.settings.redis_url)
    raised = {}
    for number in range(1, 13):
        device = f"bed-{number}"
        partition = keys.partition_of(device, 4)
        now = time()
        identity = alert_id(device, "boot1", "asystole", 100)
        text = orjson.dumps(
            {"id": identity, "device": device, "boot": "boot1", "kind": "asystole",
             "priority": "high", "n": 100, "value": 4.0, "limit": 4.0, "present": True,
             "onset_at": now, "raised_at": now, "cleared_at": None}
        )  # fmt: skip
        client.hset(keys.alerts(partition), identity, text)
        raised[device] = time()
        client.xadd(keys.alertlog(partition), {"j": text})
        page.wait_for_timeout(170)
    client.close()
    until(page, "Object.keys(window.shown).length === 12")
    shown = page.evaluate("window.shown")
    delays = sorted(shown[device] - at for device, at in raised.items())
    print(f"alarm to frame: median {delays[6]:.3f} s, worst {delays[-1]:.3f} s")
    assert delays[-1] < 0.5


def test_an_alarm_is_acknowledged_at_its_tile_and_all_audio_paused(
    page: Any, feed: Any, site: Any
) -> None:
    feed(9, "--alarms")
    until(page, "document.querySelectorAll('.tile[data-alarm]').length === 6")
    place = "JSON.stringify(document.querySelector('.tile .rate').getBoundingClientRect())"
    before = page.evaluate(place)
    page.focus(".tile[data-device='bed-1'] a.label")
    page.keyboard.press("a")
    until(page, "document.querySelector('.tile[data-device=bed-1]')?.dataset.alarm === 'low'")
    page.get_by_role("button", name="Acknowledge Extreme tachycardia, Bed 3").click()
    until(page, "document.querySelector('.tile[data-device=bed-3]')?.dataset.alarm === 'low'")
    assert page.evaluate(place) == before
    assert page.url.rstrip("/") == site.url
    page.keyboard.press("p")
    until(page, "document.querySelectorAll('.tile .muted:not([hidden])').length === 9")
    until(page, r"/1:\d\d/.test(document.querySelector('.pause-all')?.textContent)")
    page.click(".pause-all")
    until(page, "document.querySelectorAll('.tile .muted:not([hidden])').length === 0")


def test_silence_and_return_of_the_hub_are_told(screen: Any) -> None:
    screen.wait_for_selector(".tile canvas")
    until(screen, "[...document.querySelectorAll('.rate')].every(e => e.textContent > '0')")
    screen.evaluate(
        """() => {
          const state = document.querySelector("#hub-state");
          window.said = [];  // it is away for a quarter of a second only
          new MutationObserver(() => window.said.push(state.textContent))
            .observe(state, { childList: true, characterData: true, subtree: true });
          window.ecgMonitor.hub.socket.close();
        }"""
    )
    until(screen, "window.said.some((text) => text.startsWith('Hub away'))")
    until(screen, "document.querySelector('#hub-state')?.textContent === 'Live'")
    screen.wait_for_timeout(500)
    assert len(screen.query_selector_all(".tile")) == 2


def test_replay_says_so(page: Any, feed: Any) -> None:
    feed(2, "--speed", "10")
    # How fast is measured: on a busy machine the feeder may not keep up.
    until(page, r"/replay ×[2-9]|replay ×1\d/.test(document.querySelector('.tile')?.innerText)")


def test_page_of_a_bed(page: Any, feed: Any, site: Any, artifacts: Path) -> None:
    feed(6, "--alarms")
    page.goto(f"{site.url}/bed/bed-1")
    until(page, "document.querySelectorAll('.trace canvas').length === 2")
    until(page, "document.querySelectorAll('tr[data-kind=N]').length >= 4")
    until(page, "document.body.innerText.includes('Asystole')")
    page.screenshot(path=artifacts / "bed-1920.png")
    assert page.evaluate(OVERLAPS) == []
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_timeout(700)
    page.screenshot(path=artifacts / "bed-1280.png")
    page.goto(f"{site.url}/bed/bed-6")
    until(page, "document.querySelectorAll('tr[data-kind=V][data-unusual]').length >= 1")
    until(page, "Number(document.querySelector('.main-number .rate').textContent) >= 100")
    page.screenshot(path=artifacts / "bed-6-1280.png")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.wait_for_timeout(700)
    page.screenshot(path=artifacts / "bed-6-1920.png")
    assert page.inner_text(".lead >> nth=0") == "MLII"
    page.goto(f"{site.url}/system")
    until(page, "document.body.innerText.includes('bed-2')")
    page.screenshot(path=artifacts / "system-1920.png")


@pytest.mark.parametrize("gain", ["1", "2", "4"])
def test_twelve_leads_fit_and_cover_nothing(browser: Any, twelve_leads: Site, gain: str) -> None:
    with page_of(browser, twelve_leads) as page:
        page.set_viewport_size({"width": 1440, "height": 900})
        assert_leads_fit(page, f"{twelve_leads.url}/bed/bed-1?gain={gain}")


def assert_leads_fit(page: Any, url: str) -> None:
    page.goto(url)
    until(page, "document.querySelectorAll('.trace canvas').length === 12")
    page.wait_for_timeout(500)
    assert page.evaluate(OVERLAPS) == []
    covered = page.evaluate(
        """() => [...document.querySelectorAll(".trace")].flatMap((trace) => {
          const box = (name) => trace.querySelector(name).getBoundingClientRect();
          const [name, gain, mark, canvas] = [".lead", ".gain", ".millivolt", "canvas"].map(box);
          const faults = [];
          if (name.right > canvas.left) faults.push("name on the trace");
          if (gain.width === 0) return faults;
          if (gain.right > canvas.left) faults.push("scale on the trace");
          if (gain.left < mark.right) faults.push("scale on its mark");
          if (gain.top < name.bottom - 3) faults.push("scale on the name");
          return faults.map((fault) => `${trace.innerText}: ${fault}`);
        })"""
    )
    assert covered == []
    stack = page.locator(".view-bed > .traces")
    assert stack.evaluate("one => one.scrollHeight - one.clientHeight") == 0, "all are in view"


def test_two_leads_on_the_wall(screen: Any, two_beds: Site) -> None:
    screen.goto(f"{two_beds.url}/?leads=2")
    until(screen, "document.querySelectorAll('.tile canvas').length === 4")


def test_scale_by_ruler(screen: Any, two_beds: Site) -> None:
    screen.goto(f"{two_beds.url}/calibration")
    screen.fill(".calibration input[type=number]", "60")
    card = "document.querySelector('.calibration .card')?.style.width"
    until(screen, f"{card} === '428px'")  # 85.6 mm x 5
    screen.get_by_role("button", name="Keep").click()
    assert "5 pixels per mm" in screen.inner_text(".calibration")
    screen.goto(two_beds.url)
    screen.wait_for_selector(".tile canvas")
    until(screen, "document.querySelector('.millivolt')?.style.height === '50px'")
    screen.keyboard.press("+")
    until(screen, "document.querySelector('.millivolt')?.style.height === '100px'")
    screen.goto(f"{two_beds.url}/calibration")
    screen.get_by_role("button", name="Forget").click()
    assert "has not been calibrated" in screen.inner_text(".calibration")


def test_what_a_screen_shows_is_remembered(screen: Any, two_beds: Site) -> None:
    screen.wait_for_selector(".tile canvas")
    second = "(() => { const bed = [...window.ecgMonitor.beds.values()][0];" + (
        " const sweep = [...(bed?.sweeps.values() ?? [])][0]?.values().next().value;"
        " return sweep ? sweep.place(bed.info.fs) / sweep.ratio : null; })()"
    )

    def comes_to(pixels: float) -> None:
        until(screen, f"Math.abs({second} - {pixels}) < 1e-3")

    comes_to(25 * PX_PER_MM)
    for key in "<<gl":
        screen.keyboard.press(key)
    until(screen, "document.querySelectorAll('.tile canvas').length === 4")
    comes_to(6.25 * PX_PER_MM)
    screen.reload()
    until(screen, "document.querySelectorAll('.tile canvas').length === 4")
    comes_to(6.25 * PX_PER_MM)
    assert screen.evaluate("document.documentElement.dataset.grid") == "on"
    screen.keyboard.press("ArrowRight")
    screen.keyboard.press("ArrowRight")
    assert screen.evaluate("document.activeElement.textContent") == "Bed 2"
    screen.keyboard.press("?")
    assert screen.is_visible("dialog.keys")
    screen.goto(f"{two_beds.url}/?leads=1&speed=50&grid=0&gain=rubbish")
    until(screen, "document.querySelectorAll('.tile canvas').length === 2")
    comes_to(50 * PX_PER_MM)
    assert screen.evaluate("document.documentElement.dataset.grid") == "off"


def test_without_a_session(browser: Any, two_beds: Site, artifacts: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    answer = page.goto(two_beds.url)
    assert answer.status == 401
    assert "Ask an administrator" in page.inner_text("main")
    page.screenshot(path=artifacts / "signed-out-1280.png")
    context.close()
