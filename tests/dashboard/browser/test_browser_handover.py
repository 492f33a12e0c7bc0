"""Handing over in a real Chromium: why an alarm came, and the report of the shift."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.pages import flawless, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

ACKED = "document.querySelector('.active-alarms [data-presence=Ack]')?.innerText ?? ''"
BAR = "document.querySelector('.reason-bar')"


def test_a_reason_is_one_press_after_the_acknowledgement_and_stands_in_the_shift(
    browser: Any, site: Site, feed: Any
) -> None:
    feed(2, "--alarms")
    with flawless(browser, 1280, 720) as context:
        bed = context.new_page()
        bed.goto(site.link)
        bed.goto(f"{site.url}/bed/bed-1")
        until(bed, "document.querySelectorAll('.active-alarms [data-presence=On]').length === 2")
        assert bed.evaluate(f"{BAR}.hidden"), "nothing is asked before somebody acknowledges"
        bed.get_by_role("button", name="Acknowledge Asystole, Bed 1").click()
        until(bed, f"!{BAR}.hidden")
        assert "Reason: Asystole" in bed.inner_text(".reason-bar")
        bed.click(".reason-bar [data-reason=artefact]")
        until(bed, f"{ACKED}.includes('Artefact')")
        until(bed, f"{BAR}.hidden")
        bed.click(".active-alarms [data-presence=Ack] button.why")
        bed.click(".reason-bar button.write")
        bed.fill(".reason-bar input", "electrode V1 was loose")
        bed.keyboard.press("Enter")
        until(bed, f"{ACKED}.includes('electrode V1 was loose')")

        bed.goto(f"{site.url}/alarms")
        until(bed, "document.querySelector('.list-rows')?.innerText.includes('was loose') ?? false")
        bed.click(".list-head a")
        until(bed, "document.querySelectorAll('.shift-patient').length === 2")
        text = bed.inner_text(".sheet")
        for words in ("No patient admitted", "1 of", "in words 1", "electrode V1 was loose"):
            assert words in text, words
        bed.emulate_media(media="print")
        assert bed.is_hidden(".shift-controls form")
        assert bed.is_visible(".shift-patient .kinds")


GIVE = """async () => {
  const { ReasonBar } = await import("/assets/alarms/reasons.js");
  const bar = new ReasonBar(() => {});
  document.querySelector("#view").append(bar.element);
  bar.ask(["a", "b", "c"].map((id) => ({ id, kind: "asystole", lead: null })));
  await bar.give("artefact", "");
  return { problem: bar.problem.textContent, asked: bar.ids, hidden: bar.element.hidden };
}"""
"""Asks why three alarms came, and says that it was an artefact."""


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            {"done": ["a"], "already": ["b"], "open": [], "unknown": ["c"]},
            "Recorded for 2 of 3 alarms. Not for the others: it is not there, or no longer",
        ),
        (
            {"done": [], "already": [], "open": ["a", "b", "c"], "unknown": []},
            "Not done: nobody has acknowledged it yet",
        ),
        ({"done": ["a", "b", "c"], "already": [], "open": [], "unknown": []}, ""),
    ],
    ids=["one is gone", "none is acknowledged", "all are there"],
)
def test_a_reason_for_several_says_for_which_it_is_recorded(
    page: Any, answer: dict[str, list[str]], problem: str
) -> None:
    page.route("**/alerts/reason", lambda route: route.fulfill(json=answer))
    found = page.evaluate(GIVE)
    assert found["problem"] == problem
    assert found["asked"] == answer["open"] + answer["unknown"]
    assert found["hidden"] == (problem == "")
