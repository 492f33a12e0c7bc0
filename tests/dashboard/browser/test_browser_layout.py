"""From a large wall display to a phone: nothing is cut, nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.web.pages import PAGES
from ecg_monitor.ward import access
from tests.support.pages import lasting, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

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


LANGUAGES = ("en", "fr", "ar")


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
    for language in LANGUAGES:
        speak(context, site.url, language)
        page.reload()
        until(page, f"document.querySelectorAll('.tile canvas').length === {beds}")
        until(page, "document.querySelector('.tile[data-alarm]') !== null")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(500)
            if found := lasting(page, FAULTS):
                faults[language, width, height] = found
    assert faults == {}


@pytest.fixture
def by_language(browser: Any, ward: Any) -> Iterator[dict[str, Any]]:
    """A page of each language, in contexts of their own."""
    contexts = {language: browser.new_context() for language in LANGUAGES}
    pages = {}
    for language, context in contexts.items():
        speak(context, ward.url, language)
        pages[language] = context.new_page()
        pages[language].goto(access.sign_in_link(ward.settings))
    for page in pages.values():
        until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
    yield pages
    for context in contexts.values():
        context.close()


def test_pages_fit_every_screen(by_language: dict[str, Any], ward: Any) -> None:
    """All languages side by side: most of the time goes into waiting for a page to settle."""
    faults = {}
    some_page = by_language["en"]
    for path in PATHS[1:]:
        for page in by_language.values():
            page.goto(ward.url + path)
        for page in by_language.values():
            until(page, "document.querySelector('#hub-state')?.dataset.state === 'open'")
        some_page.wait_for_timeout(1000)
        for width, height in SIZES:
            for page in by_language.values():
                page.set_viewport_size({"width": width, "height": height})
            some_page.wait_for_timeout(200)
            for language, page in by_language.items():
                if found := lasting(page, FAULTS):
                    faults[language, path, width, height] = found
    assert faults == {}, "\n".join(f"{key}: {value}" for key, value in faults.items())
