"""Every page on paper: light, and nothing cut."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.pages import flawless, lasting, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

CUT = """() => [...document.querySelectorAll(".view, .view .side, .view .panel, .view .traces, "
    + ".view section, #shell")].filter((one) => {
  const { overflowY, position } = getComputedStyle(one);
  return overflowY !== "visible" && position !== "fixed"
    && one.scrollHeight > one.clientHeight + 2;
}).map((one) => `${one.tagName}.${one.className} ${one.scrollHeight} > ${one.clientHeight}`)"""


def test_pages_are_printed_light_and_whole(browser: Any, ward: Any) -> None:
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(ward.link)
        for path in ("/", "/bed/bed-1", "/system", "/users"):
            page.goto(f"{ward.url}{path}")
            until(page, "document.querySelector('#printed')?.textContent.length > 10")
            if path in {"/", "/bed/bed-1"}:
                until(page, "document.querySelectorAll('.trace[data-mm-per-mv]').length >= 1")
            page.emulate_media(media="print")
            until(page, "document.documentElement.dataset.theme === 'light'")
            assert lasting(page, CUT) == [], path
            assert page.is_visible("#printed")
            assert not page.is_visible("#display-button")
            assert page.pdf().startswith(b"%PDF"), path
            page.emulate_media(media="screen")
            until(page, "document.documentElement.dataset.theme === 'dark'")
