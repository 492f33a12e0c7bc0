"""The wall of sixteen beds as it is read from across a room, on screens from 720p to 4K."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.dashboard.browser.test_browser_layout import FAULTS
from tests.support.pages import POLL_MS, flawless, lasting, until
from tests.support.sites import Site, feeding
from tests.support.waiting import allowed_s

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

BEDS = 16
MARKS_PX = 15
"""Height of the line above a trace in which beats are marked."""
TILES = """() => [...document.querySelectorAll(".tile")].map((tile) => {
  const box = (selector) => tile.querySelector(selector).getBoundingClientRect();
  const px = (selector) => parseFloat(getComputedStyle(tile.querySelector(selector)).fontSize);
  const outer = tile.getBoundingClientRect();
  const stack = box(".traces");
  const { dataset } = tile.querySelector(".trace");
  const speed = Number(dataset.mmPerS);
  const patient = tile.querySelector(".patient");
  return {
    rate: px(".rate"), rhythm: px("[data-figure=rhythm] dd"), pvc: px("[data-figure=pvc] dd"),
    share: (stack.width * stack.height) / (outer.width * outer.height),
    seconds: box("canvas").width / (speed * (96 / 25.4)), speed,
    told: tile.querySelector(".gain").textContent, tall: "tall" in dataset,
    below: box(".gain").top - box("canvas").top,
    name: patient.checkVisibility({ visibilityProperty: true }) ? patient.clientWidth : 0,
  };
})"""
"""Of each tile: type in px, share of the trace, seconds of signal, the speed and what is told."""

TOLD = """[...document.querySelectorAll(".tile")].map((tile) => [...tile.querySelectorAll(".gain")]
  .map((gain) => [...gain.children].some(
    (part) => part.checkVisibility() && !part.classList.contains("cut"))))"""
"""Of each tile and trace: whether the scale is told."""

MARKED = """[...window.ecgMonitor.beds.values()].map((bed) => [...bed.sweeps.entries()]
  .sort(([a], [b]) => a - b).map(([, all]) => [...all][0]?.top > 0))"""
"""Of each bed and trace: whether there is room for the marks of beats."""

FIRST_ALONE = "([first, ...others]) => first === true && !others.includes(true)"


@pytest.fixture(scope="module")
def sixteen(open_site: Callable[..., Any], mitdb: Path) -> Iterator[Site]:
    """Sixteen beds, six of which alarm."""
    with open_site() as one, feeding(one, mitdb, BEDS, "--alarms"):
        yield one


@pytest.fixture(params=[1, 2], ids=["one lead", "two leads"])
def wall(browser: Any, sixteen: Site, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Their wall."""
    with flawless(browser, 1920, 1080) as context:
        page = context.new_page()
        page.goto(sixteen.link)
        page.goto(f"{sixteen.url}/?leads={request.param}")
        until(page, f"document.querySelectorAll('.tile canvas').length === {BEDS * request.param}")
        until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
        yield page


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (1920, 1080), (3840, 2160)])
def test_numbers_are_large_traces_are_long_and_names_stay(wall: Any, size: tuple[int, int]) -> None:
    width, height = size
    wall.set_viewport_size({"width": width, "height": height})
    until(wall, f"innerWidth === {width} && {settled()}")
    assert lasting(wall, FAULTS) == []
    end = monotonic() + allowed_s(20.0)
    while (wrong := wanting(wall.evaluate(TILES), height)) and monotonic() < end:
        wall.wait_for_timeout(4 * POLL_MS)  # alarms and names come and go while it is laid out
    assert wrong == []


def wanting(tiles: list[dict[str, Any]], height: int) -> list[str]:
    """Return what is too small on a screen of so many px, or is not told."""
    low, tall = height >= 1080, height >= 2160
    least = {
        "share": 0.58,
        "seconds": 6.0,
        "name": 30,
        "rate": 110 if tall else 72 if low else 0,
        "rhythm": 36 if tall else 18 if low else 0,
        "pvc": 36 if tall else 18 if low else 0,
    }
    found = [] if len(tiles) == BEDS else [f"{len(tiles)} beds"]
    for tile in tiles:
        found += [f"{name}: {tile}" for name, most in least.items() if tile[name] < most]
        if tile["tall"] and tile["below"] < MARKS_PX:
            found.append(f"the scale covers marks of beats: {tile}")
        if tile["speed"] < 25 and f"{tile['speed']:g} mm/s" not in tile["told"]:
            found.append(f"a slower sweep is not told: {tile}")
    return found


def settled() -> str:
    """Return the condition that tiles fill the view and traces have their new size."""
    return """(() => {
      const view = document.querySelector("#view").getBoundingClientRect();
      const last = [...document.querySelectorAll(".tile")].at(-1).getBoundingClientRect();
      const canvas = document.querySelector(".tile canvas");
      const drawn = Math.round(canvas.getBoundingClientRect().width * devicePixelRatio);
      return view.bottom - last.bottom < 12 && last.bottom <= view.bottom + 1
        && canvas.width === drawn;
    })()"""


def test_beats_are_marked_and_the_scale_is_told_once_per_bed(wall: Any) -> None:
    until(wall, f"({TOLD}).every({FIRST_ALONE})")
    until(wall, f"({MARKED}).every({FIRST_ALONE})")
