"""Standby in a real Chromium: begun with the keyboard, seen on every page, ended with a press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.pages import flawless, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

TILE = "document.querySelector('.tile[data-device=\"bed-7\"]')"
UNWATCHED = "document.querySelector('.chip[data-priority=unwatched]')?.dataset.count"


@pytest.fixture
def pages(browser: Any, site: Any, feed: Any) -> Iterator[tuple[Any, Any]]:
    """The page of bed 7, whose lead is off, and the wall, in one session."""
    feed(7, "--alarms")
    with flawless(browser, 1600, 900) as context:
        wall, bed = context.new_page(), context.new_page()
        wall.goto(site.link)
        bed.goto(f"{site.url}/bed/bed-7")
        until(wall, f"{UNWATCHED} === '1'")
        until(bed, "document.querySelectorAll('.active-alarms [data-presence=On]').length === 2")
        yield bed, wall


def test_from_the_keyboard_of_the_wall_and_back_on_the_page_of_the_bed(
    pages: tuple[Any, Any], artifacts: Path
) -> None:
    bed, wall = pages
    wall.focus(".tile[data-device='bed-7'] a.label")
    wall.keyboard.press("s")
    until(wall, "document.querySelector('dialog[open]') !== null")
    wall.keyboard.press("ArrowRight")  # the next reason
    wall.keyboard.press("Tab")
    wall.keyboard.press("ArrowRight")  # the next time
    wall.keyboard.press("Enter")
    until(wall, f"{TILE}.dataset.standby === 'Leaving'")
    until(wall, "document.querySelector('dialog[open]') === null")  # the answer may come after it
    banner = f"{TILE}.querySelector('.standby').innerText"
    until(wall, f"{banner}.includes('Theatre · 29:5') && {banner}.includes('by local')")
    until(wall, f"{UNWATCHED} === '0'")
    assert wall.inner_text(".chip[data-priority=standby]") == "1 in standby"
    assert "R-on-T" in wall.evaluate(f"{TILE}.querySelector('.alarm').innerText")
    assert "lead off" not in wall.evaluate(f"{TILE}.querySelector('.tile-head').innerText").lower()
    wall.screenshot(path=artifacts / "wall-standby-1600.png")

    shown = "document.querySelectorAll('.active-alarms [data-presence=On]')"
    until(bed, f"{shown}.length === 1")
    bed.get_by_role("button", name="Resume monitoring, Bed 7").click()
    until(bed, f"{shown}.length === 2")
    until(bed, "document.querySelector('.standby')?.innerText.includes('by local')")
    assert "Monitored again since" in bed.inner_text(".standby")
    until(wall, f"{UNWATCHED} === '1'")
    until(wall, f"!('standby' in {TILE}.dataset)")


def test_cancelled_nothing_is_done(pages: tuple[Any, Any]) -> None:
    bed, _ = pages
    button = bed.get_by_role("button", name="Standby, Bed 7")
    button.click()
    bed.keyboard.press("Escape")
    until(bed, "document.querySelector('dialog.patient-dialog') === null")
    assert bed.evaluate("document.activeElement.className") == "standby-button"
    assert bed.is_hidden(".standby")
