"""The page of a bed in a real Chromium, with the real detector and explainer behind it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import to_environ
from ecg_monitor.core.types import Packet
from ecg_monitor.launch import processes
from ecg_monitor.records import read_record
from tests.support.pages import flawless, until

COMPILED_WITHIN_S = 300.0
"""After an update the detector compiles its engine first."""
pytestmark = [pytest.mark.browser, pytest.mark.timeout(COMPILED_WITHIN_S + 180)]

RECORD = "208"
BACKLOG_S = 90
PACKET_S = 0.25
BED = "bed-1"


def feed_signal(url: str, folder: Path, stop: threading.Event) -> None:
    """Append a real patient's packets: the last minute at once, then as time goes by."""
    record = read_record(folder / RECORD)
    client = redis.Redis.from_url(url)
    step = round(PACKET_S * record.fs)
    begin = time.time() - BACKLOG_S
    gain, baseline = tuple(map(float, record.gain)), tuple(map(float, record.baseline))
    for i in range(10_000):
        n0 = i * step
        samples = record.samples[:, n0 : n0 + step].astype(np.int16)
        packet = Packet(BED, "boot", i, n0, 0.0, record.fs, record.leads, gain, baseline, samples)
        at = begin + packet.n1 / record.fs
        if stop.wait(max(0.0, at - time.time())):
            break
        fields = {"d": BED, "t": repr(at), "p": wire.encode_cbor(packet)}
        client.xadd(keys.wave(keys.partition_of(BED, 4)), fields, id=f"{int(at * 1000)}-*")
    client.close()


@pytest.fixture(scope="module")
def analysed(
    open_site: Callable[..., Any], mitdb: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A site whose one bed is followed by detector and explainer; 90 s of it are known."""
    folder = tmp_path_factory.mktemp("parts")
    with open_site() as site:
        environ = {**os.environ, **to_environ(site.settings)}
        stop = threading.Event()
        feeder = threading.Thread(target=feed_signal, args=(site.settings.redis_url, mitdb, stop))
        feeder.start()
        parts = [
            processes.start(
                [sys.executable, "-m", "ecg_monitor.cli", name],
                log=folder / f"{name}.log",
                environ=environ,
            )
            for name in ("detect", "explain")
        ]
        try:
            yield site
        finally:
            stop.set()
            feeder.join()
            processes.stop(parts, 5.0)


VENTRICULAR_BEAT = """() => {
  const [bed] = window.ecgMonitor.beds.values();
  const [sweep] = [...bed.sweeps.values().next().value];
  const beat = bed.beats.findLast((one) => one.label === "V" && one.n < sweep.drawnTo
    && one.n > sweep.oldest());
  if (!beat) return null;
  const box = sweep.canvas.getBoundingClientRect();
  return { x: box.left + sweep.x(beat.n) / sweep.ratio, y: box.top + box.height / 2 };
}"""
"""Where the newest one stands on the trace: the record has stretches without."""


@pytest.fixture
def bed(browser: Any, analysed: Any) -> Iterator[Any]:
    """The page of that bed, when its first ventricular beat has been told."""
    site = analysed
    with flawless(browser, 1920, 1080) as context:
        page = context.new_page()
        page.goto(site.link)
        page.goto(f"{site.url}/bed/{BED}")
        told = "document.querySelectorAll('.side tr[data-kind=V]').length > 0"
        until(page, told, COMPILED_WITHIN_S)
        yield page


def open_tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_every_tab_shows_what_it_promises(bed: Any, artifacts: Path) -> None:
    assert bed.locator(".traces .trace").count() == 2

    open_tab(bed, "Trends")
    until(bed, "document.querySelectorAll('.plot .scatterlayer .trace').length > 6")
    assert bed.locator(".traces .trace").count() == 1, "the best lead stays in view"
    assert "bpm" in bed.inner_text(".plot")
    bed.screenshot(path=artifacts / "bed-trends.png")

    open_tab(bed, "Rhythm & HRV")
    until(bed, "document.querySelectorAll('.rhythm .excluded').length > 10")
    assert "Not enough clean beats" in bed.inner_text(".hrv"), "90 s, of a patient with many PVCs"
    bed.screenshot(path=artifacts / "bed-rhythm.png")

    open_tab(bed, "Beats")
    until(bed, "document.querySelectorAll('.shapes figure').length >= 2")
    bed.get_by_role("button", name="V Ventricular").click()
    until(bed, "document.querySelectorAll('.beat-list tbody tr:not([data-kind=V])').length === 0")
    bed.locator(".beat-list .link").nth(3).click()
    until(bed, "document.querySelector('.beats .strip .chosen')?.textContent === 'V'")
    assert bed.locator(".beats .strip .line").count() == 2
    bed.screenshot(path=artifacts / "bed-beats.png")

    open_tab(bed, "Alarms")
    until(bed, "document.querySelectorAll('.alarm-list tbody tr').length > 0")
    until(bed, "document.querySelectorAll('.history .strip .line').length === 2")
    with bed.expect_download() as download:
        bed.get_by_role("link", name="Save as JSON").click()
    assert '"segments"' in Path(download.value.path()).read_text()
    bed.screenshot(path=artifacts / "bed-alarms.png")


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_trends_speak_the_language_of_the_page_and_grow_with_the_window(
    bed: Any, analysed: Any, language: str
) -> None:
    bed.context.add_cookies([{"name": "ecg_language", "value": language, "url": analysed.url}])
    bed.reload()
    bed.locator("#tab-trends").click()
    until(bed, "document.querySelectorAll('.plot .scatterlayer .trace').length > 6")
    said = "[...document.querySelectorAll('.plot .xtick')].map((one) => one.textContent).join(' ')"
    month = "new Intl.DateTimeFormat(document.documentElement.lang, { month: 'short' }).format()"
    until(bed, f"{said}.includes({month})")
    titles = bed.eval_on_selector_all(".plot [data-title]", "all => all.map(a => a.dataset.title)")
    english = {"Zoom", "Pan", "Zoom in", "Zoom out", "Download plot as a PNG"}
    assert len(titles) >= len(english)
    assert english & set(titles) == set()
    height = "document.querySelector('.plot .main-svg').clientHeight"
    before = bed.evaluate(height)
    bed.set_viewport_size({"width": 1920, "height": 1400})
    until(bed, f"{height} >= {before + 300}", 5)  # a look of its own comes after ten seconds


@pytest.mark.serial
def test_the_sweep_goes_on_beside_the_trends(bed: Any) -> None:
    open_tab(bed, "Trends")
    until(bed, "document.querySelectorAll('.plot .scatterlayer .trace').length > 6")
    bed.wait_for_timeout(5500)  # the figure is of the last five seconds
    until(bed, "window.ecgMonitor.figures().fps >= 50")


def test_a_click_on_a_beat_of_the_trace_tells_why(bed: Any, artifacts: Path) -> None:
    until(bed, f"({VENTRICULAR_BEAT})() !== null", 60)
    place = bed.evaluate(VENTRICULAR_BEAT)
    bed.mouse.click(place["x"], place["y"])
    until(bed, "document.querySelectorAll('.explain .drawings svg').length === 3")
    assert "called V?" in bed.inner_text(".panel h2")
    assert bed.evaluate("document.activeElement === document.querySelector('.panel h2')")
    assert "Had it looked like the patient's normal beat" in bed.inner_text(".explain .summary")
    assert bed.locator(".explain .saliency rect").count() > 3
    shares = bed.locator(".class-bars meter").evaluate_all("all => all.map((one) => one.value)")
    assert sum(shares) == pytest.approx(1, abs=0.01)
    bed.screenshot(path=artifacts / "bed-explain.png")
    bed.get_by_role("button", name="Close").click()
    until(bed, "document.querySelectorAll('.traces .trace').length === 2")


def test_tabs_work_from_the_keyboard_and_survive_a_reload(bed: Any) -> None:
    bed.get_by_role("tab", name="Live").focus()
    for _ in range(3):
        bed.keyboard.press("ArrowRight")
    assert bed.evaluate("document.activeElement.textContent") == "Beats"
    assert bed.evaluate("location.hash") == "#beats"
    bed.reload()
    until(bed, "document.querySelector('[role=tab][aria-selected=true]')?.textContent === 'Beats'")
    until(bed, "document.querySelectorAll('.beat-list tbody tr').length > 10")
    bed.get_by_role("tab", name="Beats").press("Home")
    assert bed.evaluate("location.hash") == ""
    assert bed.evaluate("document.querySelector('.view-bed').dataset.tab") == "live"


def test_a_beat_of_the_list_is_explained_by_keyboard(bed: Any) -> None:
    until(bed, "document.querySelectorAll('.last-beats tr[data-kind=N] button').length > 2")
    bed.evaluate("document.querySelectorAll('.last-beats button')[4].focus()")
    time_of_beat = bed.evaluate("document.activeElement.textContent")
    rows = "[...document.querySelectorAll('.last-beats button')]"
    until(bed, f"{rows}.indexOf(document.activeElement) >= 6")  # it moves on with its beat
    assert bed.evaluate("document.activeElement.textContent") == time_of_beat
    bed.keyboard.press("Enter")
    until(bed, "document.querySelectorAll('.explain .drawings svg').length === 3")
    assert time_of_beat in bed.inner_text(".panel h2")


def test_focus_is_not_lost_with_a_beat_that_leaves_the_list(bed: Any) -> None:
    until(bed, "document.querySelectorAll('.last-beats button').length === 12")
    bed.evaluate("[...document.querySelectorAll('.last-beats button')].at(-2).focus()")
    until(bed, "document.activeElement.className === 'last-beats'")


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("ar", "light")])
def test_axe_finds_nothing_grave_on_the_tabs(
    bed: Any, analysed: Any, shut_out: Callable[[Any], list[str]], language: str, theme: str
) -> None:
    wishes = {"ecg_language": language, "ecg_theme": theme}
    bed.context.add_cookies(
        [{"name": name, "value": value, "url": analysed.url} for name, value in wishes.items()]
    )
    bed.reload()
    grave = []
    for name, shown in (
        ("trends", ".plot .scatterlayer .trace"),
        ("rhythm", ".rhythm .excluded"),
        ("beats", ".beat-list .link"),
        ("alarms", ".history .strip .line"),
    ):
        bed.locator(f"#tab-{name}").click()
        bed.locator(shown).first.wait_for(state="attached")
        # Colours in the middle of a flash are tested in test_theme.py: here they hold still.
        bed.add_style_tag(content="*, *::before { animation: none !important }")
        grave.extend(f"{name}: {one}" for one in shut_out(bed))
    bed.locator("#tab-beats").click()
    bed.locator(".beat-list td:last-child button").first.click()
    until(bed, "document.querySelectorAll('.explain .drawings svg').length === 3")
    grave.extend(f"explanation: {one}" for one in shut_out(bed))
    assert grave == [], "\n".join(grave)
