"""Pages on a television without scaling of its own: 3840 pixels across, read from afar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.web.pages import PAGES
from tests.support.pages import flawless, lasting, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PATHS = [page.path.replace("<device>", "bed-1") for name, page in PAGES.items() if name != "wall"]
LEAST_PX = 17
"""Of text: 11 px of a desk's screen, as large as it looks at 1080p."""

SMALL = """least => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const one = node.parentElement;
    if (node.textContent.trim() === "") continue;
    if (one.closest("script, style, svg, .plot, .heard")) continue;
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    const px = parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom;
    if (px < least) found.push(`${px.toFixed(1)} px: ${node.textContent.trim().slice(0, 40)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("it is wider than the window");
  return found;
}"""
"""What is written too small, outside of drawings; and whether the page is cut."""

BLURRED = """() => [...document.querySelectorAll(".traces canvas")].flatMap((canvas) => {
  const box = canvas.getBoundingClientRect();
  const off = [canvas.width - box.width * devicePixelRatio,
    canvas.height - box.height * devicePixelRatio];
  return off.every((one) => Math.abs(one) < 0.1) ? [] : [off];
})"""
"""Canvases whose pixels are not those of the screen."""

MILLIMETRE = """(() => {
  const trace = document.querySelector(".trace");
  const canvas = trace.querySelector("canvas");
  const zoom = canvas.currentCSSZoom;
  const mm = parseFloat(canvas.style.getPropertyValue("--mm")) * zoom;
  const mark = trace.querySelector(".millivolt").getBoundingClientRect().height;
  return { zoom, mm, mark: mark / mm / Number(trace.dataset.mmPerMv) };
})()"""
"""How much larger the page is, pixels of a millimetre of the grid, height of the mark in mV."""


@pytest.fixture
def television(browser: Any, ward: Site) -> Iterator[Any]:
    """A page of a window 3840 pixels across, in which nothing moves."""
    with flawless(browser, 3840, 2160, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(ward.link)
        until(page, "document.querySelectorAll('.tile').length === 9")
        yield page


def test_every_page_is_as_large_as_on_a_desk(television: Any, ward: Site) -> None:
    page = television
    for path in PATHS:
        page.goto(ward.url + path)
        until(page, "document.querySelectorAll('#view > *').length > 0")
        assert lasting(page, SMALL, LEAST_PX) == [], path


def test_menus_are_within_the_window(television: Any) -> None:
    page = television
    for button, menu in (
        (".session-button", "#session-menu"),
        ("#preferences button", "#preferences-menu"),
        ("#display-button", "#display-menu"),
    ):
        page.locator(button).first.click()
        page.locator(menu).wait_for()
        opened = page.locator(menu).bounding_box()
        below = page.locator(button).first.bounding_box()
        assert opened is not None
        assert below is not None
        assert opened["x"] >= 0
        assert opened["x"] + opened["width"] <= 3840
        assert below["y"] + below["height"] <= opened["y"] < below["y"] + 200, button
        assert opened["y"] + opened["height"] <= 2160
        if menu == "#session-menu":
            links = page.locator(f"{menu} a").all_inner_texts()
            assert links == ["Shift report", "Recordings", "Devices", "Users and sessions"]
        page.keyboard.press("Escape")


def test_traces_stay_sharp_and_to_scale(television: Any, ward: Site) -> None:
    page = television
    page.goto(f"{ward.url}/bed/bed-1")
    until(page, "document.querySelectorAll('.traces canvas').length > 0")
    assert lasting(page, BLURRED) == []
    found = page.evaluate(MILLIMETRE)
    assert found["zoom"] == pytest.approx(1.6)
    assert found["mm"] == pytest.approx(96 / 25.4, rel=0.01)
    assert found["mark"] in (
        pytest.approx(1, rel=0.03),
        pytest.approx(0.5, rel=0.03),
        pytest.approx(2, rel=0.03),
    )


def test_the_lengths_by_which_a_screen_is_calibrated_are_not_enlarged(
    television: Any, ward: Site
) -> None:
    page = television
    page.goto(f"{ward.url}/calibration")
    page.locator(".calibration .card").wait_for()
    card = page.locator(".calibration .card").bounding_box()
    assert card is not None
    assert card["width"] == pytest.approx(85.6 * 96 / 25.4, abs=2)


def test_the_trends_are_drawn_in_pixels_of_the_screen(television: Any, ward: Site) -> None:
    """Plotly measures the mouse in those: a click in an enlarged place would open another time."""
    page = television
    page.goto(f"{ward.url}/bed/bed-1")
    page.locator("#view [role=tab]").nth(1).click()
    page.locator(".plot .plotly").first.wait_for()
    drawn = page.evaluate(
        """() => {
          const place = document.querySelector(".plot");
          const panel = place.parentElement.getBoundingClientRect();
          const box = place.getBoundingClientRect();
          return { zoom: place.currentCSSZoom, below: panel.bottom - box.bottom,
            layout: place._fullLayout.width - box.width,
            font: place._fullLayout.font.size };
        }"""
    )
    assert drawn["zoom"] == pytest.approx(1)
    assert abs(drawn["layout"]) < 2
    assert 0 <= drawn["below"] < 60, "it fills the panel, and no more"
    assert drawn["font"] >= LEAST_PX


def test_the_page_to_sign_in_is_in_the_middle(browser: Any, ward: Site) -> None:
    """A share of the window is enlarged with what it is a share of."""
    with flawless(browser, 3840, 2160) as context:
        page = context.new_page()
        page.goto(ward.url)
        form = page.locator("main").bounding_box()
        assert form is not None
        assert form["x"] + form["width"] / 2 == pytest.approx(3840 / 2, abs=20)
        assert form["y"] + form["height"] / 2 == pytest.approx(2160 / 2, abs=20)
        assert page.evaluate("document.documentElement.scrollHeight") <= 2160
