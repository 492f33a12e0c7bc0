"""Finding the bed that alarms: from its counts, from the keyboard, and from across the room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ecg_monitor.ward import access
from tests.support.pages import flawless, until

pytestmark = pytest.mark.browser

ACKNOWLEDGED = "document.querySelector('.chip[data-priority=acknowledged]')?.dataset.count"
FOCUSED = "document.activeElement.closest('.tile')?.dataset.device"


@pytest.fixture
def wall(browser: Any, ward: Any) -> Iterator[Any]:
    with flawless(browser, 1366, 768) as context:
        page = context.new_page()
        page.goto(access.sign_in_link(ward.settings))
        until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
        until(page, f"{ACKNOWLEDGED} === '1'")
        yield page


def test_beds_are_counted_as_what_nobody_has_acknowledged(page: Any) -> None:
    found = page.evaluate(
        """async () => {
          const { countedAs, nextBed } = await import("/assets/header/summary.js");
          const bed = (label, standby, ...alarms) => ({ device: `d${label}`, label, standby,
            alarms: alarms.map(([presence, priority]) => ({ presence, priority })) });
          const beds = [bed("Bed 10", null, ["On", "high"]), bed("Bed 2", { by: "A" }),
            bed("Bed 3", null, ["Latch", "high"], ["Off", "low"], ["Ack", "medium"])];
          const next = (name, current) => nextBed(beds, name, current)?.label ?? null;
          return [beds.map(countedAs), next("high", undefined), next("high", "dBed 3"),
            next("high", "dBed 10"), next("standby", "dBed 2"), next("medium", undefined)];
        }"""
    )
    assert found[0] == [["high"], ["standby"], ["high", "acknowledged"]]
    assert found[1:] == ["Bed 3", "Bed 10", "Bed 3", "Bed 2", None]  # 2 comes before 10


def test_n_goes_from_bed_to_bed_with_the_most_urgent_alarm(wall: Any) -> None:
    visited = []
    for _ in range(4):
        wall.keyboard.press("n")
        visited.append(wall.evaluate(FOCUSED))
    assert visited == ["bed-1", "bed-3", "bed-5", "bed-1"]  # bed 9's was acknowledged
    assert wall.evaluate("document.activeElement.closest('.tile').dataset.found") == ""
    until(wall, "document.querySelector('[data-found]') === null")


def test_a_count_leads_to_its_beds_even_to_those_out_of_sight(wall: Any) -> None:
    wall.set_viewport_size({"width": 390, "height": 844})
    wall.locator(".chip[data-priority=acknowledged]").click()
    assert wall.evaluate(FOCUSED) == "bed-9"
    box = "document.querySelector('.tile[data-device=bed-9]').getBoundingClientRect()"
    until(wall, f"{box}.top >= 0 && {box}.bottom <= innerHeight")
    assert wall.locator(".chip[data-priority=standby]").is_hidden()  # there is none


def test_on_another_page_a_count_leads_to_the_page_of_the_bed(wall: Any, ward: Any) -> None:
    wall.goto(f"{ward.url}/bed/bed-3")
    until(wall, "document.querySelector('.chip[data-priority=high]')?.dataset.count === '3'")
    wall.locator(".chip[data-priority=high]").press("Enter")
    wall.wait_for_url("**/bed/bed-5")


def test_the_whole_head_of_a_tile_flashes_until_a_high_alarm_is_acknowledged(wall: Any) -> None:
    def head(device: str) -> list[str]:
        style = (
            "one => [getComputedStyle(one).animationName, getComputedStyle(one).animationDuration]"
        )
        return list(wall.eval_on_selector(f".tile[data-device={device}] .tile-head", style))

    assert head("bed-1") == ["flash-high", "0.5s"]  # 2 Hz: IEC 60601-1-8 asks for 1.4 to 2.8
    assert head("bed-5") == ["none", "0s"]  # latched: the condition is over
    assert head("bed-7") == ["none", "0s"]  # of medium priority
    assert head("bed-2") == ["none", "0s"]
    wall.emulate_media(reduced_motion="reduce")
    assert head("bed-1")[0] == "none"
    colour = "one => getComputedStyle(one).backgroundColor"
    steady = wall.eval_on_selector(".tile[data-device=bed-1] .tile-head", colour)
    assert steady == "rgb(214, 32, 47)"  # --high


def test_where_there_are_no_tiles_the_count_of_high_alarms_flashes(wall: Any, ward: Any) -> None:
    wall.goto(f"{ward.url}/system")
    until(wall, "document.querySelector('.chip[data-priority=high]')?.dataset.count === '3'")
    animation = "one => getComputedStyle(one).animationName"
    assert wall.eval_on_selector(".chip[data-priority=high]", animation) == "flash-high"
    assert wall.eval_on_selector(".chip[data-priority=low]", animation) == "none"
    wall.emulate_media(reduced_motion="reduce")
    assert wall.eval_on_selector(".chip[data-priority=high]", animation) == "none"
