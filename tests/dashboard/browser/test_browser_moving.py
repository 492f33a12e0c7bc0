"""Moving through the pages: Back leads to what was shown before, keys work and are listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.web.pages import PAGES
from tests.support.pages import flawless, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

PATHS = [page.path.replace("<device>", "bed-1") for page in PAGES.values()]
LISTED = "[...document.querySelectorAll('dialog.keys kbd')].map((one) => one.textContent)"


@pytest.fixture
def page(browser: Any, ward: Site) -> Iterator[Any]:
    """A page of somebody who has signed in."""
    with flawless(browser, 1366, 768) as context:
        page = context.new_page()
        page.goto(ward.link)
        until(page, "document.querySelectorAll('.tile canvas').length === 9")
        yield page


def test_back_returns_to_the_tab_before_and_keeps_the_page(page: Any, ward: Site) -> None:
    page.goto(f"{ward.url}/bed/bed-2")
    page.wait_for_selector("#tab-alarms")
    page.evaluate("window.kept = document.querySelector('.view-bed > .side')")
    chosen = "document.querySelector('[role=tab][aria-selected=true]').id"
    for name in ("alarms", "beats"):
        page.locator(f"#tab-{name}").click()
        until(page, f"{chosen} === 'tab-{name}'")
    page.evaluate("history.back()")
    until(page, f"{chosen} === 'tab-alarms'")
    until(page, "document.querySelector('.alarm-list') !== null")
    page.evaluate("history.back()")
    until(page, f"{chosen} === 'tab-live'")
    page.evaluate("history.forward()")
    until(page, f"{chosen} === 'tab-alarms'")
    assert page.evaluate("window.kept.isConnected"), "the page was not drawn anew"
    page.go_back()
    page.go_back()
    until(page, "document.querySelectorAll('.tile canvas').length === 9")
    assert page.url.rstrip("/") == ward.url


def test_back_takes_a_filter_of_the_alarms_off(page: Any, ward: Site) -> None:
    page.goto(f"{ward.url}/alarms")
    until(page, "document.querySelectorAll('.list-rows tbody tr').length >= 6")
    page.get_by_label("Priority").select_option("high")
    only = "[...document.querySelectorAll('.list-rows tbody tr')].every("
    until(page, f"{only}(row) => row.dataset.priority === 'high')")
    assert page.evaluate("location.search") == "?priority=high"
    page.evaluate("history.back()")
    until(page, f"!{only}(row) => row.dataset.priority === 'high')")
    assert page.get_by_label("Priority").input_value() == ""
    assert page.evaluate("location.href") == f"{ward.url}/alarms"


@pytest.mark.parametrize("path", PATHS)
def test_a_page_lists_its_keys_and_answers_to_them(page: Any, ward: Site, path: str) -> None:
    page.goto(ward.url + path)
    page.wait_for_selector("dialog.keys", state="attached")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    until(page, "document.querySelector('dialog.keys').open")
    listed = page.evaluate(LISTED)
    assert {"n", "?"} <= set(listed)
    assert len(listed) == len(set(listed)) or "p" in listed, "a key means one thing"
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('dialog.keys').open")
    if path != "/":
        page.keyboard.press("w")
        page.wait_for_url(f"{ward.url}/")


def test_the_alarm_of_a_bed_is_reached_and_its_gain_changed_by_keys(page: Any, ward: Site) -> None:
    page.goto(f"{ward.url}/bed/bed-1")
    until(page, "document.querySelector('.handling button') !== null")
    until(page, "document.querySelectorAll('.trace[data-mm-per-mv]').length === 2")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.closest('.handling') !== null")
    page.keyboard.press("f")
    page.keyboard.press("+")
    until(page, "document.querySelector('.trace').dataset.mmPerMv === '20'")
    page.keyboard.press("r")
    page.wait_for_url(f"{ward.url}/review/bed-1**")
