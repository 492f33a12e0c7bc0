"""Links to what is gone, and a computer whose clock is a day off: each has a clear outcome."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.pages import flawless, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

NO_BED = "This bed is not there: it has never sent, or was removed"
NO_UNIT = "This care unit is not there any more, or you have not been given it."
GONE = {
    "/bed/gone-1": NO_BED,
    "/bed/a%20b": NO_BED,
    "/review/gone-1?at=5": "Nothing is recorded of this bed.",
    "/twelve/gone-1": "ten seconds of signal are not there yet",
    "/devices?device=gone-1": "This device is not there any more, or you do not see it",
    "/alarms?device=gone-1": "No alarm is like that",
    "/shift?unit=ffffffff": NO_UNIT,
    "/shift?from=5&to=6": "the shift must last at least a minute",
    "/?unit=ffffffff": NO_UNIT,
    "/nowhere": "There is no page at this address",
}
"""Links to a bed, time, unit or page that there is not, and what the page says."""

SHIFTED = """(() => {
  const off = %d * 86_400_000;
  const Real = Date;
  window.Date = class extends Real {
    constructor(...given) { super(...(given.length > 0 ? given : [Real.now() + off])); }
    static now() { return Real.now() + off; }
  };
})()"""
"""The clock of the computer on which the browser runs, so many days ahead."""


def test_a_link_to_what_is_gone_says_so_and_alarms_go_on(browser: Any, ward: Site) -> None:
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(ward.link)
        for path, words in GONE.items():
            page.goto(ward.url + path)
            page.get_by_text(words).first.wait_for()
            until(page, "document.querySelector('#hub-state')?.dataset.state === 'open'")
            until(page, "document.querySelector('#alarm-summary').innerText.includes('!!!')")


@pytest.mark.parametrize("days", [1, -1], ids=["ahead", "behind"])
def test_a_clock_that_is_a_day_off_changes_nothing(browser: Any, ward: Site, days: int) -> None:
    with flawless(browser, 1280, 720) as context:
        context.add_init_script(SHIFTED % days)
        page = context.new_page()
        page.goto(ward.link)
        until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
        off = page.evaluate("Date.now() / 1000 - window.ecgMonitor.hub.now()")
        assert off == pytest.approx(86_400 * days, abs=600), "the clock is wrong"
        assert page.inner_text("#hub-state") == "Live"
        until(page, "[...document.querySelectorAll('.rate')].some((one) => one.textContent > '0')")

        page.goto(f"{ward.url}/bed/bed-1")
        until(page, "document.querySelectorAll('.active-alarms [data-presence]').length > 0")
        since = page.locator(".active-alarms [data-presence]").first.inner_text()
        assert " h" not in since, "an alarm of this minute lasts for no day"
        page.goto(f"{ward.url}/alarms")
        until(page, "document.querySelectorAll('.list-rows tbody tr').length > 3")
        lasted = page.locator(".list-rows tbody td:nth-child(5)").all_inner_texts()
        assert lasted
        assert not [text for text in lasted if " h" in text]
        page.goto(f"{ward.url}/shift")
        until(page, "document.querySelectorAll('.shift-patient').length > 3")
        assert page.inner_text(".shift-summary").count("h") > 0
