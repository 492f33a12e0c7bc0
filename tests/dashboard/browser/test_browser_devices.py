"""The page of devices in a real Chromium: found, looked at, given to a care unit, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.ward import access
from tests.support.devices import WARD, Known, store_devices
from tests.support.pages import flawless, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

AHEAD_S = -7200.0
"""A device of which this is said to be the age of its last packet goes on sending for two hours."""


def lasting(*devices: Known) -> list[Known]:
    """Those that send go on doing so for as long as a test may take."""
    return [replace(one, last_s=AHEAD_S) if one.last_s == 1.0 else one for one in devices]


def rows(page: Any) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        ".devices-rows tbody tr", "all => all.map((one) => one.dataset.row)"
    )
    return found


def cell(device: str, name: str) -> str:
    return f"document.querySelector('tr[data-row=\"{device}\"] .device-{name}')?.textContent ?? ''"


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """The page of an administrator, of one device of each kind."""
    store_devices(site.settings, *lasting(*WARD))
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(site.link)
        page.goto(f"{site.url}/devices")
        page.locator("tr[data-row=bed-01]").wait_for()
        yield page


def test_what_needs_somebody_stands_on_top_and_is_found(
    page: Any, shut_out: Callable[[Any], list[str]]
) -> None:
    assert rows(page)[0] == "bed-03", "no packets come: the gravest"
    assert page.locator("tr[data-trouble]").count() == 8
    assert "battery low" in page.evaluate(cell("bed-02", "trouble"))
    assert "Two devices under one id" in page.evaluate(cell("bed-09", "trouble"))
    assert "⚠" not in page.evaluate(cell("bed-01", "trouble"))
    until(page, f"{cell('bed-03', 'state')}.startsWith('silentlast seen 1')")
    page.get_by_role("searchbox").fill("acme")
    until(page, "document.querySelectorAll('.devices-rows tbody tr').length === 2")
    assert set(rows(page)) == {"bed-01", "bed-02"}
    page.get_by_label("only what needs somebody").check()
    until(page, "document.querySelectorAll('.devices-rows tbody tr').length === 1")
    assert page.evaluate("location.search") == "?words=acme&trouble="
    page.reload()
    page.locator("tr[data-row=bed-02]").wait_for()
    assert rows(page) == ["bed-02"], "the address brings back what was asked for"
    page.get_by_role("searchbox").fill("no such device")
    page.get_by_text("No device is like that").wait_for()
    assert shut_out(page) == []


def test_a_device_is_looked_at_from_the_keyboard(
    page: Any, shut_out: Callable[[Any], list[str]]
) -> None:
    page.get_by_role("button", name="Device", exact=True).click()
    until(page, "document.querySelector('th.device-device').ariaSort === 'ascending'")
    page.get_by_role("button", name="bed-04", exact=True).focus()
    page.keyboard.press("ArrowDown")
    until(page, "document.activeElement.dataset.device === 'bed-05'")
    page.keyboard.press("Enter")
    detail = page.locator(".device-detail")
    detail.get_by_text("a field is of the wrong type: 40").wait_for()
    detail.get_by_text("gain: must be 0.001 ..").wait_for()
    assert "II, V1 · 250 Hz" in detail.inner_text()
    assert page.evaluate("document.activeElement.dataset.device") == "bed-05", "it keeps its place"
    assert page.evaluate("location.search") == "?device=bed-05&sort=device"
    assert shut_out(page) == []
    page.get_by_role("button", name="new-2", exact=True).click()
    detail.get_by_text("turned away: too many devices").first.wait_for()
    assert detail.get_by_role("button", name="Remove device …").count() == 0, "it has no place"


def test_what_changes_is_shown_without_a_reload(page: Any, site: Site) -> None:
    battery = {"state": "online", "battery": 4}
    store_devices(site.settings, Known("bed-08", AHEAD_S, battery), Known("late-1", AHEAD_S))
    until(page, f"{cell('bed-08', 'battery')} === '4 %'")
    page.locator("tr[data-row=late-1]").wait_for()


def test_a_device_that_is_gone_is_removed_and_one_that_sends_is_not(page: Any, site: Site) -> None:
    for device, outcome in (("bed-01", "it sends"), ("bed-03", "")):
        page.get_by_role("button", name=device, exact=True).click()
        page.get_by_role("heading", name="Window" if outcome else device, exact=True).wait_for()
        page.get_by_role("button", name="Remove device …").click()
        dialog = page.locator("dialog[open]")
        dialog.get_by_role("button", name="Remove", exact=True).click()
        if outcome:
            dialog.get_by_text(outcome).wait_for()
            dialog.get_by_role("button", name="Cancel").click()
        dialog.wait_for(state="detached")
    page.get_by_text("Choose a device to see all about it").wait_for()
    store = redis.Redis.from_url(site.settings.redis_url)
    partition = keys.partition_of("bed-03", site.settings.partitions)
    assert store.hkeys(keys.removals(partition)) == [b"bed-03"]
    # The detector, which is not there, takes the device off the roster.
    for key in (keys.roster, keys.devices, keys.forms):
        store.hdel(key(partition), "bed-03")
    store.close()
    page.locator("tr[data-row=bed-03]").wait_for(state="detached")


def test_a_device_is_given_to_a_care_unit_by_who_may(
    page: Any, browser: Any, site: Site, shut_out: Callable[[Any], list[str]]
) -> None:
    added = page.evaluate(
        """() => fetch("/units/add", { method: "POST", body: JSON.stringify({ name: "ICU" }),
          headers: { "Content-Type": "application/json" } }).then((answer) => answer.json())"""
    )
    # Who sees what goes by a copy that is up to 2 s old.
    until(page, "fetch('/units').then((one) => one.json()).then(({ units }) => units.length === 1)")
    page.get_by_role("button", name="bed-02", exact=True).click()
    page.locator(".device-acts select option", has_text="ICU").wait_for(state="attached")
    page.locator(".device-acts select").select_option(label="ICU")
    page.locator(".device-acts button[type=submit]").click()
    until(page, f"{cell('bed-02', 'unit')} === 'ICU'")
    page.goto(f"{site.url}/devices?unit={added['unit']}")
    page.locator("tr[data-row=bed-02]").wait_for()
    assert rows(page) == ["bed-02"]
    with flawless(browser, 1280, 720) as context:
        theirs = context.new_page()
        theirs.goto(access.sign_in_link(site.settings, "Karim", "viewer"))
        theirs.goto(f"{site.url}/devices?device=bed-02")
        remove = theirs.get_by_role("button", name="Remove device …")
        remove.wait_for()
        assert remove.get_attribute("aria-disabled") == "true"
        theirs.locator(".device-acts select").wait_for()
        assert theirs.locator(".device-acts select").is_disabled()
        assert shut_out(theirs) == []
        status = theirs.evaluate(
            """() => fetch("/patients/remove", { method: "POST",
              body: JSON.stringify({ device: "bed-03" }),
              headers: { "Content-Type": "application/json" } }).then((one) => one.status)"""
        )
        assert status == 403


def test_a_link_to_a_device_or_unit_that_is_gone_says_so(page: Any, site: Site) -> None:
    page.goto(f"{site.url}/devices?device=gone-1&unit=ffffffff")
    page.get_by_text("This device is not there any more, or you do not see it").wait_for()
    page.get_by_text("No device is like that").wait_for()
    assert page.get_by_label("Care unit").locator("option:checked").inner_text() == "Not there"


def test_a_system_without_devices_says_what_to_do(
    browser: Any, bare_site: Site, shut_out: Callable[[Any], list[str]]
) -> None:
    with flawless(browser, 390, 844) as context:
        page = context.new_page()
        page.goto(bare_site.link)
        page.goto(f"{bare_site.url}/devices")
        page.get_by_text("No device has ever sent").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert shut_out(page) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 720), (3840, 2160)])
def test_nothing_is_wider_than_the_window(
    browser: Any, site: Site, width: int, height: int
) -> None:
    store_devices(site.settings, *lasting(*WARD))
    with flawless(browser, width, height) as context:
        page = context.new_page()
        page.goto(site.link)
        page.goto(f"{site.url}/devices?device=bed-05")
        page.locator("tr[data-row=bed-05]").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        cut = page.evaluate(
            "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)"
            "(document.querySelector('.devices-rows .scroll'))"
        )
        assert cut <= 0, "no column is cut"
