"""From a large wall display to a phone: nothing is cut, nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from dashboard.web.app import PAGES
from ecg_monitor.ward import access

pytestmark = pytest.mark.browser

SIZES = [(1920, 1080), (1366, 768), (1280, 800), (1024, 768), (768, 1024), (390, 844)]
PATHS = [page.path.replace("<device>", "bed-1") for page in PAGES.values()]

# What is wrong with the page, in words.
FAULTS = """() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the document is ${root.scrollWidth} px wide`);
  if (root.scrollHeight > innerHeight) faults.push(`the document is ${root.scrollHeight} px high`);
  const view = document.querySelector("#view");
  if (view.scrollWidth > view.clientWidth) faults.push(`the view is ${view.scrollWidth} px wide`);
  const boxes = [...document.querySelectorAll("#header > *, #header, #view, #notice, .banner")]
    .filter((one) => one.checkVisibility() && !["HEADER", "MAIN"].includes(one.tagName))
    .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0);
  for (const [name, box] of boxes) {
    if (box.left < -0.5 || box.right > innerWidth + 0.5) faults.push(`${name} leaves the screen`);
  }
  const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5
    && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  const pairs = (all) => all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b]));
  for (const [[a, first], [b, second]] of pairs(boxes)) {
    if (meet(first, second)) faults.push(`${a} overlaps ${b}`);
  }
  for (const line of document.querySelectorAll(".active-alarms .detail")) {
    if (line.scrollHeight > line.clientHeight + 1) faults.push(`${line.textContent} is cut`);
  }
  const tiles = [...document.querySelectorAll(".tile")].map((one) => one.getBoundingClientRect());
  for (const [a, b] of pairs(tiles)) if (meet(a, b)) faults.push("tiles overlap");
  for (const tile of document.querySelectorAll(".tile")) {
    const outer = tile.getBoundingClientRect();
    const name = tile.querySelector(".label").textContent;
    for (const part of tile.querySelectorAll(".label, .rate, .traces, button, .alarm, .trace")) {
      if (!part.checkVisibility({ visibilityProperty: true })) continue;
      const box = part.getBoundingClientRect();
      if (box.left < outer.left - 1 || box.right > outer.right + 1
        || box.top < outer.top - 1 || box.bottom > outer.bottom + 1) {
        faults.push(`${name}: ${part.className} leaves the tile`);
      }
    }
    // Half a number is another number.
    for (const value of tile.querySelectorAll(":is([data-figure=pvc], [data-figure=st]) dd")) {
      if (!value.checkVisibility()) continue;
      const box = value.getBoundingClientRect();
      const { scrollWidth, clientWidth } = value;
      if (scrollWidth > clientWidth || box.right > outer.right || box.left < outer.left) {
        faults.push(`${name}: ${value.textContent} is cut`);
      }
    }
    const rate = tile.querySelector(".rate").getBoundingClientRect();
    for (const other of tile.querySelectorAll("canvas, .alarm, .label, .unit, dd")) {
      if (!other.checkVisibility({ visibilityProperty: true })) continue;
      const box = other.getBoundingClientRect();
      if (meet(rate, box)) faults.push(`${name}: rate on ${other.className}`);
    }
    const trace = tile.querySelector("canvas").getBoundingClientRect();
    if (trace.width < 100 || trace.height < 30) {
      faults.push(`${name}: the trace has ${trace.width} x ${trace.height} px`);
    }
  }
  return [...new Set(faults)];
}"""


def until(page: Any, condition: str, within_s: float = 30.0) -> None:
    """Wait until a JavaScript expression is true; the page's own policy forbids it to poll."""
    end = monotonic() + within_s
    while not page.evaluate(condition):
        assert monotonic() < end, f"never became true: {condition}"
        page.wait_for_timeout(100)


def lasting_faults(page: Any, after_ms: float, within_s: float = 5.0) -> list[str]:
    """What is wrong when the page has taken up its new size; a busy machine takes a while."""
    end = monotonic() + within_s
    page.wait_for_timeout(after_ms)
    while found := page.evaluate(FAULTS):
        if monotonic() > end:
            break
        page.wait_for_timeout(200)
    return list(found)


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    yield context
    context.close()


def speak(context: Any, url: str, language: str) -> None:
    context.add_cookies([{"name": "ecg_language", "value": language, "url": url}])


@pytest.mark.parametrize("beds", [1, 8, 16, 64])
def test_wall_fits_every_screen(context: Any, site: Any, feed: Any, beds: int) -> None:
    feed(beds, "--alarms")
    page = context.new_page()
    page.goto(access.sign_in_link(site.settings))
    until(page, f"document.querySelectorAll('.tile canvas').length === {beds}")
    until(page, "document.querySelector('.tile[data-alarm]') !== null")
    faults = {}
    for language in ("en", "fr", "ar"):
        speak(context, site.url, language)
        page.reload()
        until(page, f"document.querySelectorAll('.tile canvas').length === {beds}")
        until(page, "document.querySelector('.tile[data-alarm]') !== null")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if found := lasting_faults(page, 500):
                faults[language, width, height] = found
    assert faults == {}


def test_pages_fit_every_screen(context: Any, ward: Any) -> None:
    page = context.new_page()
    page.goto(access.sign_in_link(ward.settings))
    until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
    faults = {}
    for language in ("en", "fr", "ar"):
        speak(context, ward.url, language)
        for path in PATHS[1:]:
            page.goto(ward.url + path)
            until(page, "document.querySelector('#hub-state')?.dataset.state === 'open'")
            page.wait_for_timeout(1000)
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                if found := lasting_faults(page, 200):
                    faults[language, path, width, height] = found
    assert faults == {}, "\n".join(f"{key}: {value}" for key, value in faults.items())
