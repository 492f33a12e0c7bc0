"""A cardiologist's walk: last night's longest fibrillation, its RR, a print, two beats, an export.

Each act of the hand is counted, a choice in a list as two; what it takes is printed.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecg_monitor.archive.annotations.book import ReviewBook
from ecg_monitor.core.settings import to_environ
from ecg_monitor.ward import access
from tests.support.pages import flawless, until
from tests.support.sites import Site, feeding, process, running
from tests.support.waiting import allowed_s
from workbench.bench.day import archive_day

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

DEVICE = "bed-1"
ACTS = 18
"""Acts of the hand in all."""

BEATS = "[...document.querySelectorAll('.strip-place .beat-button')]"

# Where the second and third beat of the strip stand on the screen, and its middle.
PEAKS = """() => {
  const strip = document.querySelector('.strip-place > svg');
  strip.scrollIntoView({ block: 'center' });
  const middle = (one) => one.getBoundingClientRect().x + one.getBoundingClientRect().width / 2;
  const [, first, second] = [...strip.querySelectorAll('.beat-button')].map(middle);
  const box = strip.getBoundingClientRect();
  return [first, second, box.y + box.height / 2];
}"""


@dataclass
class Hand:
    """Does what a hand does, and counts it."""

    page: Any
    acts: int = 0

    def click(self, place: Any) -> None:
        self.acts += 1
        place.click()

    def choose(self, place: Any, value: str) -> None:
        self.acts += 2  # open the list, choose
        place.select_option(value)

    def drag(self, x0: float, x1: float, y: float) -> None:
        self.acts += 1
        mouse = self.page.mouse
        mouse.move(x0, y)
        mouse.down()
        mouse.move((x0 + x1) / 2, y)
        mouse.move(x1, y)
        mouse.up()

    def fetch(self, place: Any) -> bytes:
        self.acts += 1
        with self.page.expect_download(timeout=allowed_s(120) * 1000) as coming:
            place.click()
        return Path(coming.value.path()).read_bytes()


@pytest.fixture
def night(tmp_path: Path, mitdb: Path) -> Iterator[tuple[Site, list[Any]]]:
    """A bed of which the last three hours are kept, with fibrillation; it is fed live as well."""
    start = time.time() - 3 * 3600 - 600
    _, alarms = archive_day(tmp_path / "archive", mitdb, DEVICE, start, half_hours=5)
    with (
        running(tmp_path) as site,
        feeding(site, mitdb, 1),
        process("-m", "ecg_monitor.cli", "work", env=to_environ(site.settings)),
    ):
        yield site, alarms


def test_the_walk(browser: Any, night: tuple[Site, list[Any]], tmp_path: Path) -> None:
    site, alarms = night
    longest = max(alarms, key=lambda one: one.cleared_at - one.onset_at)
    with flawless(browser, 1920, 1080) as context:
        page = context.new_page()
        page.goto(access.sign_in_link(site.settings))
        page.locator(f".tile[data-device={DEVICE}]").wait_for()
        began = time.monotonic()
        hand = Hand(page)
        hand.click(page.locator(f".tile[data-device={DEVICE}] a").first)
        hand.click(page.locator('a[href^="/review/"]').first)
        kind = page.get_by_label("Kind of event")
        until(page, "document.querySelector('option[value=af]') !== null")
        _fills_the_screen(page)
        hand.choose(kind, "af")
        hand.click(page.get_by_role("button", name="The longest alarm of the kind"))
        at = f"Math.abs(new URLSearchParams(location.search).get('at') - {longest.onset_at - 2})"
        until(page, f"{at} < 1 && {BEATS}.length > 4")
        found_s = time.monotonic() - began
        _measure_rr(page, hand)
        exports = page.get_by_role("region", name="Export")
        hand.choose(exports.get_by_label("Format"), "pdf")
        printed = hand.fetch(exports.get_by_role("button", name="Export"))
        assert printed.startswith(b"%PDF")
        for number in (2, 4):
            _correct(page, hand, number)
        hand.choose(exports.get_by_label("What is exported"), longest.id)
        hand.choose(exports.get_by_label("Format"), "wfdb")
        packed = hand.fetch(exports.get_by_role("button", name="Export"))
        walked_s = time.monotonic() - began
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        assert {name.rpartition(".")[2] for name in file.namelist()} == {"hea", "dat", "atr", "rev"}
    book = ReviewBook.open(tmp_path / "archive")
    assert len(book.acts(DEVICE, longest.onset_at - 60, longest.cleared_at)) == 2
    book.close()
    print(f"\nthe walk: {hand.acts} acts of the hand, {walked_s:.1f} s; found in {found_s:.1f} s")
    assert hand.acts <= ACTS


def _fills_the_screen(page: Any) -> None:
    """A wide screen has the hour beside the strip; a smaller one below it."""
    box = "document.querySelector('{}').getBoundingClientRect()"
    hour, strip = box.format(".disclosure"), box.format(".review-here > .strip-place")
    until(page, "document.querySelector('.disclosure canvas').dataset.from > 0")
    beside = f"{hour}.left >= {strip}.right && {hour}.top < {strip}.bottom"
    until(page, beside)
    page.set_viewport_size({"width": 3840, "height": 2160})
    until(page, beside)
    page.set_viewport_size({"width": 1366, "height": 768})
    until(page, f"{hour}.top >= {strip}.bottom")
    page.set_viewport_size({"width": 1920, "height": 1080})
    until(page, beside)


def _measure_rr(page: Any, hand: Hand) -> None:
    """Drag from one R peak to the next; the rate is that of the interval."""
    page.wait_for_load_state("networkidle")
    x0, x1, y = page.evaluate(PEAKS)
    hand.drag(x0, x1, y)
    until(page, "document.querySelector('.measured').textContent.includes('bpm')")
    told = page.inner_text(".measured")
    bpm = int(re.search(r"(\d+)\D*bpm", told)[1])
    assert 25 < bpm < 250, told


def _correct(page: Any, hand: Hand, number: int) -> None:
    """Call a beat of the strip V, and see it."""
    hand.click(page.locator(".strip-place .beat-button").nth(number))
    hand.click(page.get_by_role("button", name="V: Call it V"))
    until(page, f"{BEATS}.filter((one) => one.matches('.reviewed')).length >= {number // 2}")
