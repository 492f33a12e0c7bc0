"""Pages as system and browser change them: forced colours, 400 % zoom, a tab that lies behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.pages import flawless, lasting, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

COLOURS = """() => {
  const of = (selector) => {
    const style = getComputedStyle(document.querySelector(selector));
    return [style.backgroundColor, style.color];
  };
  return {
    alarm: of(".tile[data-alarm=high] .alarm"), medium: of(".tile[data-alarm=medium] .alarm"),
    chip: of(".chip[data-priority=high]"), rate: of(".tile[data-device=bed-3] .rate"),
  };
}"""


IN_ORDER = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const button = box(".active-alarms li[data-priority=high] button");
  return box(".main-number .rate").bottom <= button.top + 1
    && button.bottom <= 844 && button.bottom <= box(".trace").top + 1;
}"""
"""On a phone: rate, button without scrolling, trace."""


WORDS_MEET = """() => {
  const box = (one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range.getBoundingClientRect();
  };
  const faults = [...document.querySelectorAll(".side .numbers dl div")]
    .map((one) => [one.textContent, ...[...one.children].map(box)])
    .filter(([, a, b]) => Math.max(a.left, b.left) - Math.min(a.right, b.right) < 3)
    .map(([text]) => text);
  const handling = document.querySelector(".handling");
  const said = handling.getBoundingClientRect().top
    + parseFloat(getComputedStyle(handling, "::after").top);
  const buttons = handling.querySelector(".section-head").getBoundingClientRect();
  return said < buttons.bottom ? [...faults, handling.dataset.empty] : faults;
}"""
"""What a phone's bed page without an alarm says over something else."""


@pytest.fixture
def wall(browser: Any, ward: Site) -> Iterator[Any]:
    """The wall of nine beds with its alarms."""
    with flawless(browser, 1366, 768) as context:
        page = context.new_page()
        page.goto(ward.link)
        until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
        until(page, "document.querySelector('.tile[data-device=bed-3] .rate').dataset.look")
        yield page


def test_forced_colours_leave_those_of_alarms(wall: Any) -> None:
    wall.add_style_tag(content="*, *::before { animation: none !important }")
    before = wall.evaluate(COLOURS)
    ground = "getComputedStyle(document.querySelector('#header')).backgroundColor"
    usual = wall.evaluate(ground)
    wall.emulate_media(forced_colors="active")
    until(wall, f"{ground} !== '{usual}'")  # they are in force
    assert wall.evaluate(COLOURS) == before
    assert before["alarm"][0] == "rgb(214, 32, 47)"


def test_at_400_percent_the_page_has_most_of_the_window(wall: Any, ward: Site) -> None:
    """1280x720 at 400 % is a window of 320x180 CSS pixels."""
    wall.set_viewport_size({"width": 320, "height": 180})
    for path in ("/", "/bed/bed-1"):
        wall.goto(ward.url + path)
        wall.wait_for_selector(".trace canvas")
        view = "document.querySelector('#view')"
        # Scrolled to again and again: the page may still be growing.
        until(
            wall,
            f"{view}.scrollIntoView({{ behavior: 'instant' }}), "
            f"{view}.getBoundingClientRect().top < 30"
            f" && Math.min(innerHeight, {view}.getBoundingClientRect().bottom)"
            f" - Math.max(0, {view}.getBoundingClientRect().top) >= {0.75 * 180}",
        )
        assert wall.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_title_of_the_tab_tells_the_most_urgent_alarm(wall: Any, ward: Site) -> None:
    until(wall, "document.title.startsWith('!!! Asystole, Bed 1 ')")
    wall.goto(f"{ward.url}/system")
    until(wall, "document.title.startsWith('!!! Asystole, Bed 1 ')")
    assert "System" in wall.title()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_on_a_phone_rate_and_acknowledgement_come_first(
    browser: Any, ward: Site, language: str
) -> None:
    with flawless(browser, 390, 844, has_touch=True, is_mobile=True) as context:
        context.add_cookies([{"name": "ecg_language", "value": language, "url": ward.url}])
        page = context.new_page()
        page.goto(ward.link)
        page.goto(f"{ward.url}/bed/bed-3")
        until(page, "document.querySelector('.active-alarms li[data-priority=high] button')")
        until(page, "document.querySelector('.main-number .rate').textContent > '0'")
        page.wait_for_selector(".trace")
        until(page, f"({IN_ORDER})()")


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_on_a_phone_no_word_lies_over_another(browser: Any, ward: Site, language: str) -> None:
    with flawless(browser, 390, 844, has_touch=True, is_mobile=True) as context:
        context.add_cookies([{"name": "ecg_language", "value": language, "url": ward.url}])
        page = context.new_page()
        page.goto(ward.link)
        page.goto(f"{ward.url}/bed/bed-2")
        until(page, "document.querySelector('.main-number .rate')?.textContent > '0'")
        until(page, "document.querySelector('.handling')?.dataset.empty")
        assert lasting(page, WORDS_MEET) == []
