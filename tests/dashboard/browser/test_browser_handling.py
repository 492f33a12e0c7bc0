"""Alarms handled in a real Chromium: what a press does, and where it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, time
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.types import alert_id
from tests.support.pages import flawless, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time


def alert_fact(device: str, kind: str, priority: str, *, age: float) -> bytes:
    """An alarm that was raised so many seconds ago and is present, as the detector writes it."""
    at = time() - age
    return orjson.dumps(
        {
            **{"id": alert_id(device, "boot1", kind, int(age)), "device": device, "boot": "boot1"},
            **{"kind": kind, "priority": priority, "n": 0, "value": 4.0, "limit": 4.0},
            **{"present": True, "onset_at": at, "raised_at": at + 0.5, "cleared_at": None},
        }
    )


@contextmanager
def bed_and_wall(browser: Any, site: Site) -> Iterator[tuple[Any, Any]]:
    """The page of bed 1 and the wall, in one session."""
    with flawless(browser, 1920, 1080) as context:
        wall, bed = context.new_page(), context.new_page()
        wall.goto(site.link)
        bed.goto(f"{site.url}/bed/bed-1")
        until(bed, "document.querySelectorAll('.active-alarms [data-presence=On]').length === 2")
        until(wall, "document.querySelectorAll('.tile[data-alarm]').length === 6")
        yield bed, wall


@pytest.fixture
def pages(browser: Any, site: Site, feed: Any) -> Iterator[tuple[Any, Any]]:
    """Pages of a system of the test's own: it acts."""
    feed(9, "--alarms")
    with bed_and_wall(browser, site) as both:
        yield both


@pytest.fixture
def shared_pages(browser: Any, ward: Site) -> Iterator[tuple[Any, Any]]:
    """Pages of the shared system: the test looks."""
    with bed_and_wall(browser, ward) as both:
        yield both


@pytest.mark.serial
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
    bed.get_by_role("button", name="Resume audio").click()  # as soon as it takes a press
    until(bed, "document.body.innerText.includes('Pause audio 2 min')")
    bed.get_by_role("button", name="Acknowledge all").click()
    until(bed, "document.querySelectorAll('.active-alarms [data-presence=Ack]').length === 2")
    assert bed.get_by_role("button", name="Acknowledge all").count() == 0


ARREST = (
    *(("couplet", "low", 60), ("bigeminy", "low", 50), ("pause", "medium", 45)),
    *(("multiform_pvc", "low", 40), ("bradycardia", "medium", 35), ("af", "low", 33)),
    *(("vt", "high", 30), ("extreme_tachycardia", "high", 25), ("vf", "high", 20)),
    *(("asystole", "high", 10), ("extreme_bradycardia", "high", 3)),
)
"""Kind, priority and age in s of what comes upon one bed, one after the other."""
IN_VIEW = """() => {
  const view = document.querySelector("#view").getBoundingClientRect();
  return [...document.querySelectorAll(".active-alarms li[data-priority=high]")].map((one) => {
    const box = one.getBoundingClientRect();
    const place = document.elementFromPoint(box.left + 20, box.top + box.height / 2);
    return [one.querySelector("strong").textContent.replace(/^!+ /, ""),
      one.contains(place) && box.top >= view.top && box.bottom <= view.bottom];
  });
}"""
"""Alarms of high priority in the order of the list, and whether each is seen whole."""


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_high_alarms_are_in_view_and_all_is_what_is_shown(
    browser: Any, site: Any, feed: Any, artifacts: Path, size: tuple[int, int]
) -> None:
    feed(1)
    with flawless(browser, *size) as context:
        bed = context.new_page()
        bed.goto(site.link)
        bed.goto(f"{site.url}/bed/bed-1")
        bed.locator(".handling").wait_for()
        partition = keys.partition_of("bed-1", 4)
        with redis.Redis.from_url(site.settings.redis_url) as client:
            for kind, priority, age in ARREST:
                fact = alert_fact("bed-1", kind, priority, age=age)
                client.hset(keys.alerts(partition), orjson.loads(fact)["id"], fact)
                client.xadd(keys.alertlog(partition), {"j": fact})
        until(bed, "document.querySelectorAll('.active-alarms li[data-priority]').length === 11")
        expected = [
            *("Asystole", "Ventricular fibrillation", "Ventricular tachycardia"),
            *("Extreme tachycardia", "Extreme bradycardia"),
        ]
        in_view = orjson.dumps([[name, True] for name in expected]).decode()
        until(bed, f"JSON.stringify(({IN_VIEW})()) === JSON.stringify({in_view})")
        until(bed, "document.querySelector('.bed-head .alarm').innerText === '!!! Asystole'")
        until(bed, "document.querySelector('.side .rate').innerText === '-?-'")
        bed.screenshot(path=artifacts / f"bed-arrest-{size[0]}.png")
        settled = "!('settling' in document.querySelector('.handling').dataset)"
        until(bed, settled)  # alarms that have just moved take no press
        button = bed.get_by_role("button", name=re.compile("^Acknowledge (all|[0-9]+ shown)$"))
        shown = int(re.sub(r"\D", "", button.inner_text()) or 11)
        assert 5 <= shown < 11, "what has to be scrolled to is not acted on"
        button.click()
        until(bed, f"document.querySelectorAll('[data-presence=Ack] strong').length === {shown}")
        bed.wait_for_timeout(1000)
        acked = "document.querySelectorAll('[data-presence=Ack] strong').length"
        assert bed.evaluate(acked) == shown


def test_latched_and_acknowledged_alarms_do_not_flash(shared_pages: tuple[Any, Any]) -> None:
    _, wall = shared_pages

    def animation(device: str) -> str:
        selector = f".tile[data-device='{device}'] .alarm"
        return str(wall.eval_on_selector(selector, "one => getComputedStyle(one).animationName"))

    assert animation("bed-1") == "flash-high"
    assert wall.get_attribute(".tile[data-device='bed-5']", "data-presence") == "Latch"
    assert animation("bed-5") == "none"
    until(wall, "!document.querySelector('.tile[data-device=\"bed-9\"] .muted').hidden")
    until(wall, "document.querySelector('[data-priority=acknowledged]')?.innerText.includes('1')")


def test_a_beat_is_ticked_then_named_once(shared_pages: tuple[Any, Any]) -> None:
    bed, _ = shared_pages
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


def test_without_the_dashboard_a_press_says_so(shared_pages: tuple[Any, Any]) -> None:
    bed, _ = shared_pages
    bed.route("**/alerts/*", lambda route: route.abort())
    bed.get_by_role("button", name="Acknowledge all").click()
    until(bed, "document.querySelector('.outcome')?.textContent.includes('cannot be reached')")
    assert bed.query_selector_all(".active-alarms [data-presence=Ack]") == []
