"""Care units on a wall, on the page of users and in place of a bed, in a real Chromium."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.types import alert_id
from ecg_monitor.ward import access
from tests.support.pages import flawless
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

BEDS = ("icu-1", "icu-2", "ward-1", "new-1")


def alarm(device: str) -> dict[str, Any]:
    at = time.time()
    return {
        "id": alert_id(device, "b", "bradycardia", 1), "device": device, "boot": "b",
        "kind": "bradycardia", "priority": "medium", "n": 1, "value": 38.0, "limit": 40.0,
        "present": True, "onset_at": at, "raised_at": at, "cleared_at": None,
    }  # fmt: skip


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """The page of users of a site that knows four beds, two of them with an alarm."""
    store = redis.Redis.from_url(site.settings.redis_url)
    for device in BEDS:
        partition = keys.partition_of(device, site.settings.partitions)
        store.hset(keys.roster(partition), device, f"{time.time():.0f} {time.time():.0f}")
        store.hset(keys.devices(partition), device, b'{"status": {"state": "online"}, "meta": {}}')
        if device in ("icu-1", "ward-1"):
            one = alarm(device)
            store.hset(keys.alerts(partition), one["id"], orjson.dumps(one))
    store.close()
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(site.link)
        page.goto(f"{site.url}/users")
        yield page


def named(name: str) -> Callable[[Any], None]:
    return lambda dialog: dialog.get_by_label("Name").fill(name)


def fill(page: Any, button: str, act: Callable[[Any], None]) -> None:
    """Press a button, do something in the dialog that opens, and save it."""
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.locator("dialog[open]")
    act(dialog)
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")


def test_units_are_made_given_and_watched(
    page: Any, browser: Any, site: Site, shut_out: Callable[[Any], list[str]]
) -> None:
    for name in ("ICU", "Ward"):

        def named(dialog: Any, name: str = name) -> None:
            dialog.get_by_label("Name").fill(name)

        fill(page, "Add care unit …", named)
        page.get_by_role("link", name=name, exact=True).wait_for()

    def tick(*devices: str) -> Callable[[Any], None]:
        def act(dialog: Any) -> None:
            for device in devices:
                dialog.get_by_label(device).check()

        return act

    fill(page, "Beds … ICU", tick("icu-1", "icu-2"))
    fill(page, "Beds … Ward", tick("ward-1"))
    assert shut_out(page) == []

    page.get_by_role("link", name="ICU", exact=True).click()
    page.locator(".tile[data-device=icu-2]").wait_for()
    rest = page.locator("#unit-rest")
    rest.get_by_text("2 beds not on this screen, 1 with alarms").wait_for(state="attached")
    assert rest.get_attribute("data-priority") == "medium"
    tiles = page.locator(".tile")
    assert {one.get_attribute("data-device") for one in tiles.all()} == {"icu-1", "icu-2"}
    assert shut_out(page) == []

    page.locator("#unit-choice").select_option(label="Ward (1)")
    page.locator(".tile[data-device=ward-1]").wait_for()
    page.goto(f"{site.url}/?unit=ffffffff")
    page.get_by_text("This care unit is not there any more").wait_for()
    assert page.locator("#unit-rest").get_attribute("data-count") == "4"

    ward = page.evaluate("fetch('/units').then((answer) => answer.json())")["units"][1]["id"]
    given = {"name": "Karim", "units": [ward], "version": 0}
    done = page.evaluate(
        """(fields) => fetch("/units/person", { method: "POST", body: JSON.stringify(fields),
          headers: { "Content-Type": "application/json" } }).then((answer) => answer.status)""",
        given,
    )
    assert done == 200
    with flawless(browser, 1280, 720) as context:
        theirs = context.new_page()
        theirs.goto(access.sign_in_link(site.settings, "Karim", "clinician"))
        theirs.locator(".tile[data-device=new-1]").wait_for()  # of no unit: everybody's
        theirs.locator(".tile[data-device=ward-1]").wait_for()
        assert theirs.locator(".tile").count() == 2
        theirs.goto(f"{site.url}/bed/icu-1")
        theirs.get_by_role("heading", name="This bed is of another care unit").wait_for()
        theirs.get_by_text("You have been given: Ward").wait_for()
        assert shut_out(theirs) == []
