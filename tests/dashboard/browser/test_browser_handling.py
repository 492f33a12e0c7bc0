"""Alarms handled in a real Chromium: what a press does, and where it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.support.pages import flawless, until

pytestmark = [pytest.mark.browser, pytest.mark.serial]


@pytest.fixture
def pages(browser: Any, site: Any, feed: Any) -> Iterator[tuple[Any, Any]]:
    """The page of bed 1 and the wall, in one session."""
    feed(9, "--alarms")
    with flawless(browser, 1920, 1080) as context:
        wall, bed = context.new_page(), context.new_page()
        wall.goto(site.link)
        bed.goto(f"{site.url}/bed/bed-1")
        until(bed, "document.querySelectorAll('.active-alarms [data-presence=On]').length === 2")
        until(wall, "document.querySelectorAll('.tile[data-alarm]').length === 6")
        yield bed, wall


def test_an_acknowledgement_shows_on_all_pages_within_a_second(
    pages: tuple[Any, Any], artifacts: Path
) -> None:
    bed, wall = pages
    tile = "document.querySelector('.tile[data-device=\"bed-1\"]')"
    assert wall.evaluate(f"{tile}.querySelector('.alarm').innerText") == "!!! Asystole"
    assert wall.evaluate(f"{tile}.querySelector('.more').innerText") == "+1"
    button = bed.get_by_role("button", name="Acknowledge Asystole, Bed 1")
    button.focus()
    at = monotonic()
    bed.keyboard.press("Enter")
    until(bed, "document.querySelectorAll('.active-alarms [data-presence=Ack]').length === 1", 1.0)
    until(wall, f"{tile}.dataset.alarm === 'low'", 1.0)
    assert monotonic() - at < 1.0
    shown = bed.inner_text(".active-alarms [data-presence=Ack]")
    assert "✓ Asystole" in shown
    assert "by local" in shown
    assert wall.evaluate(f"{tile}.querySelector('.more').dataset.priority") == "high"
    assert bed.evaluate("document.activeElement.className") == "handling"
    bed.screenshot(path=artifacts / "bed-acknowledged-1920.png")


def test_acknowledge_all_and_pause(pages: tuple[Any, Any]) -> None:
    bed, wall = pages
    assert wall.is_hidden(".tile[data-device='bed-1'] .muted")
    bed.get_by_role("button", name="Pause audio 2 min").click()
    until(bed, r"/Resume audio \(1:\d\d/.test(document.body.innerText)")
    until(wall, "!document.querySelector('.tile[data-device=\"bed-1\"] .muted').hidden")
    bed.wait_for_timeout(1000)
    bed.get_by_role("button", name="Resume audio").click()
    until(bed, "document.body.innerText.includes('Pause audio 2 min')")
    bed.get_by_role("button", name="Acknowledge all").click()
    until(bed, "document.querySelectorAll('.active-alarms [data-presence=Ack]').length === 2")
    assert bed.get_by_role("button", name="Acknowledge all").count() == 0


def test_latched_and_acknowledged_alarms_do_not_flash(pages: tuple[Any, Any]) -> None:
    _, wall = pages

    def animation(device: str) -> str:
        selector = f".tile[data-device='{device}'] .alarm"
        return str(wall.eval_on_selector(selector, "one => getComputedStyle(one).animationName"))

    assert animation("bed-1") == "flash-high"
    assert wall.get_attribute(".tile[data-device='bed-5']", "data-presence") == "Latch"
    assert animation("bed-5") == "none"
    until(wall, "!document.querySelector('.tile[data-device=\"bed-9\"] .muted').hidden")
    until(wall, "document.querySelector('[data-priority=acknowledged]')?.innerText.includes('1')")


def test_a_beat_is_ticked_then_named_once(pages: tuple[Any, Any]) -> None:
    bed, _ = pages
    until(bed, "document.querySelectorAll('tr[data-kind=N]').length >= 3")
    first = "document.querySelector('.side table tbody tr')"
    until(bed, f"{first}.cells[1].textContent === '…' && !({first}.dataset.kind)")
    numbers = bed.evaluate("[...window.ecgMonitor.beds.values()][0].beats.map(beat => beat.n)")
    assert len(numbers) == len(set(numbers))
    marks = bed.evaluate(
        "[...[...window.ecgMonitor.beds.values()][0].sweeps.values()][0]"
        ".values().next().value.beats.map(beat => beat.n)"
    )
    assert len(marks) == len(set(marks))


def test_without_the_dashboard_a_press_says_so(pages: tuple[Any, Any]) -> None:
    bed, _ = pages
    bed.route("**/alerts/*", lambda route: route.abort())
    bed.get_by_role("button", name="Acknowledge all").click()
    until(bed, "document.querySelector('.outcome')?.textContent.includes('cannot be reached')")
    assert bed.query_selector_all(".active-alarms [data-presence=Ack]") == []
