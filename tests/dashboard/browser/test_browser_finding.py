"""Finding the bed that alarms: from its counts, from the keyboard, and from across the room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ecg_monitor.ward import access
from tests.support.pages import flawless, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

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


RATES = """all => all.map(({ dataset }) => {
  const rate = document.querySelector(`.tile[data-device=${dataset.device}] .rate`);
  const { color } = getComputedStyle(rate);
  return [dataset.device, [rate.textContent, rate.dataset.look ?? null, color]];
})"""
"""Of each tile its device, the heart rate, what its limits say to it, and its colour."""
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".tile *, #notice *")]
  .filter((one) => one.checkVisibility() && one.childNodes[0]?.nodeType === Node.TEXT_NODE)
  .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""
"""Height of the smallest letters on the wall, CSS px."""

HEIGHT = """(selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"""
GAINS = """() => {
  const gains = [...document.querySelectorAll(".trace")].map((one) => Number(one.dataset.mmPerMv));
  return `· ${[...new Set(gains)].sort((a, b) => a - b).join(", ")} mm/mV`;
}"""
"""What the foot says of the gains at which the traces are drawn."""
CUT = """() => [...document.querySelectorAll(".tile .rate")]
  .some((one) => one.scrollWidth > one.clientWidth)"""


def test_a_heart_rate_is_coloured_by_its_limits_and_withheld_in_an_arrest(wall: Any) -> None:
    until(wall, "!document.querySelector('.tile[data-device=bed-2] .rate').innerText.includes('-')")
    until(wall, "document.querySelector('.tile[data-device=bed-3] .rate').dataset.look === 'high'")
    rates = dict(wall.eval_on_selector_all(".tile", RATES))
    withheld = {"bed-1", "bed-7", "bed-9"}  # asystole, all leads off, fibrillation
    assert {device for device, (rate, *_) in rates.items() if rate == "-?-"} == withheld
    red, green = "rgb(255, 143, 143)", "rgb(111, 227, 161)"
    for device, (rate, look, colour) in rates.items():
        if device in withheld:
            assert (look, colour) == (None, "rgb(147, 163, 175)"), "muted"
        elif not rate.isdigit():
            assert look is None, "none is known yet"
        elif 50 <= int(rate) <= 120:
            assert (look, colour) == (None, green), "whatever else alarms there"
        elif device == "bed-3":
            assert (look, colour) == ("high", red), "an extreme tachycardia is present"
        else:
            assert look == "medium"
    figures = wall.inner_text(".tile[data-device=bed-1] dl")
    assert "good" not in figures
    assert "Asystole" in figures
    rhythm = "document.querySelector('.tile[data-device=bed-6] [data-figure=rhythm]').innerText"
    until(wall, f"/^for [1-9]\\d* min\\s+AF/.test({rhythm})")  # it began a minute before the test


def test_who_is_not_watched_looks_more_urgent_than_a_low_alarm(wall: Any) -> None:
    chips = wall.eval_on_selector_all(
        "#alarm-summary .chip:not([data-count='0'])", "all => all.map(one => one.dataset.priority)"
    )
    assert chips.index("unwatched") < chips.index("low")
    name = wall.get_attribute(".chip[data-priority=unwatched]", "aria-label")
    assert name == "? 1 not watched"
    assert "technical" not in chips


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160)])
def test_type_grows_with_the_screen_and_the_foot_tells_the_gain_that_is_drawn(
    wall: Any, size: tuple[int, int]
) -> None:
    wall.set_viewport_size({"width": size[0], "height": size[1]})
    until(wall, f"innerWidth === {size[0]}")
    until(wall, f"({SMALLEST})() >= 12")
    if size[1] >= 1080:
        until(wall, f"({HEIGHT})('.tile .rate') >= 72")
        until(wall, f"({HEIGHT})('.tile [data-figure=rhythm] dd') >= 18")
    until(wall, f"document.querySelector('#notice').innerText.includes(({GAINS})())")
    until(wall, f"!({CUT})()")


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


def test_n_goes_from_the_most_urgent_bed_to_the_less_urgent_ones(wall: Any) -> None:
    wall.evaluate(
        """() => {
          window.found = [];
          new MutationObserver((all) => found.push(...all.map(({ target }) => target.dataset)
            .filter((data) => "found" in data).map((data) => data.device))).observe(
            document.body, { subtree: true, attributeFilter: ["data-found"] });
        }"""
    )
    visited = []
    for _ in range(7):
        wall.keyboard.press("n")
        visited.append(wall.evaluate(FOCUSED))
    # Asystole, an extreme rate, VT that is over, a ventricular run (the VF beside it is
    # acknowledged), R on T, AF, and round.
    assert visited == ["bed-1", "bed-3", "bed-5", "bed-9", "bed-7", "bed-6", "bed-1"]
    assert set(wall.evaluate("window.found")) == set(visited)
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
