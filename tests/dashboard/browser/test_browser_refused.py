"""What cannot be done is refused in words on the page; nothing that was typed is lost or cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.types import alert_id
from ecg_monitor.ward import access
from ecg_monitor.ward.devices.roster import RosterEntry
from tests.support.pages import flawless, held, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

SHARED, ALARMS, GONE, FREE = "bed-1", "bed-2", "bed-3", "bed-4"
"""A bed that two people edit, one whose alarm nobody has acknowledged, one that has a patient, and
one without."""
LONG_AGO_S = 7200.0
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def quiet(open_site: Callable[..., Any]) -> Iterator[Site]:
    """A site that knows four beds, whose devices were switched off hours ago."""
    with open_site() as site:
        with redis.Redis.from_url(site.settings.redis_url) as store:
            for bed in (SHARED, ALARMS, GONE, FREE):
                place = keys.partition_of(bed, site.settings.partitions)
                last = time.time() - LONG_AGO_S
                store.hset(keys.roster(place), bed, RosterEntry(last - 60, last).to_text())
                told = b'{"status": {"state": "offline"}, "meta": {}}'
                store.hset(keys.devices(place), bed, told)
            raise_alarm(store, site, ALARMS, "asystole", "high")
        yield site


def raise_alarm(store: Any, site: Site, bed: str, kind: str, priority: str) -> str:
    """Let a bed have an alarm that is present; return its identity."""
    place, now = keys.partition_of(bed, site.settings.partitions), time.time()
    one = {
        **{"id": alert_id(bed, "boot1", kind, 1), "device": bed, "boot": "boot1", "kind": kind},
        **{"priority": priority, "n": 1, "value": 4.0, "limit": 4.0, "present": True},
        **{"onset_at": now, "raised_at": now, "cleared_at": None},
    }
    store.hset(keys.alerts(place), one["id"], orjson.dumps(one))
    store.xadd(keys.alertlog(place), {"j": orjson.dumps(one)})
    return str(one["id"])


@contextmanager
def page_of(name: str, browser: Any, site: Site) -> Iterator[Any]:
    """A page that somebody is signed in on."""
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(access.sign_in_link(site.settings, name))
        yield page


@pytest.fixture
def page(browser: Any, quiet: Site) -> Iterator[Any]:
    with page_of("A. Nurse", browser, quiet) as page:
        yield page


@pytest.fixture
def other(browser: Any, quiet: Site) -> Iterator[Any]:
    """The page of somebody else."""
    with page_of("B. Doctor", browser, quiet) as page:
        yield page


def patient_page(page: Any, site: Site, bed: str) -> Any:
    page.goto(f"{site.url}/bed/{bed}/patient")
    page.locator(".bed-form").wait_for()
    return page


def admit(page: Any, site: Site, bed: str, number: str) -> None:
    patient_page(page, site, bed).get_by_label("Patient number").fill(number)
    page.get_by_role("button", name="Admit").click()
    page.get_by_role("heading", name="Stay").wait_for()


LOOKS_LATE = """(() => {
  const [ask, late] = [window.fetch, 5000];  // the page looks every two seconds
  let acted = false;
  window.fetch = async (where, options) => {
    if (`${where}`.endsWith("/patients/admit")) {
      const answer = await ask(where, options);
      acted = true;
      return answer;
    }
    if (acted && `${where}`.startsWith("/patients/")) {
      acted = false;
      await new Promise((resolve) => setTimeout(resolve, late));
    }
    return ask(where, options);
  };
})()"""
"""The look that follows an admission takes so long that another overtakes it."""


def test_an_admission_is_shown_whichever_look_comes_first(page: Any, quiet: Site) -> None:
    page.add_init_script(LOOKS_LATE)
    admit(page, quiet, FREE, "4712")


@pytest.mark.parametrize(
    ("name", "words"),
    [("", ""), ("   ", "1 to 40"), ("x" * 41, "1 to 40"), ("icu  1", "There is a care unit")],
    ids=["empty", "blank", "too long", "twice"],
)
def test_names_that_no_care_unit_can_have(page: Any, quiet: Site, name: str, words: str) -> None:
    page.goto(f"{quiet.url}/users")
    if words == "There is a care unit" and page.get_by_role("link", name="ICU 1").count() == 0:
        page.get_by_role("button", name="Add care unit …").click()
        page.locator("dialog[open]").get_by_label("Name").fill("ICU 1")
        page.locator("dialog[open]").get_by_role("button", name="Save").click()
        page.get_by_role("link", name="ICU 1", exact=True).wait_for()
    page.get_by_role("button", name="Add care unit …").click()
    dialog = page.locator("dialog[open]")
    field = dialog.get_by_label("Name")
    field.fill(name)
    dialog.get_by_role("button", name="Save").click()
    if words:
        dialog.locator(".problem").get_by_text(words).wait_for()
    else:
        assert field.evaluate("one => one.matches(':invalid')"), "the browser asks for it"
    assert field.input_value() == name
    dialog.get_by_role("button", name="Cancel").click()
    dialog.wait_for(state="detached")


def test_a_note_of_a_megabyte_is_refused_and_stays_in_its_field(page: Any, quiet: Site) -> None:
    admit(page, quiet, GONE, "4711")
    note = page.get_by_label("New note")
    for length, words in ((MEGABYTE, "too large"), (2001, "1 to 2000 characters, got 2001")):
        note.fill("x" * length)
        page.get_by_role("button", name="Add note").click()
        page.locator(".notes-section .problem").get_by_text(words).wait_for()
        assert note.evaluate("one => one.value.length") == length
    assert page.locator(".notes .note").count() == 0
    note.fill("Restless.")
    page.get_by_role("button", name="Add note").click()
    page.locator(".notes .note").get_by_text("Restless.").wait_for()


@pytest.mark.parametrize(
    ("bed", "words"),
    [(ALARMS, "acknowledge its alarms first"), (GONE, "discharge its patient first")],
)
def test_a_bed_that_alarms_or_has_a_patient_is_not_removed(
    page: Any, quiet: Site, bed: str, words: str
) -> None:
    patient_page(page, quiet, bed)
    if bed == GONE and page.get_by_role("heading", name="Stay").count() == 0:
        admit(page, quiet, GONE, "4712")
    page.get_by_role("button", name="Remove bed …").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    dialog.locator(".problem").get_by_text(words).wait_for()
    dialog.get_by_role("button", name="Cancel").click()
    assert page.url.endswith(f"/bed/{bed}/patient")


def name_bed(page: Any, name: str) -> None:
    page.locator("#bed-label").fill(name)
    page.locator(".bed-form").get_by_role("button", name="Save").first.click()


MEANWHILE = "B. Doctor has changed this bed meanwhile"


@pytest.mark.parametrize("field", ["#bed-label", "#bed-place", "#patient-id"])
def test_what_is_being_typed_stays_when_somebody_else_changes_the_bed(
    page: Any, other: Any, quiet: Site, field: str
) -> None:
    """Name and place of a bed, and a patient's number: the second is told, and loses nothing."""
    typed = "7" if field == "#bed-place" else "Window"
    patient_page(page, quiet, SHARED).locator(field).fill(typed)
    name_bed(patient_page(other, quiet, SHARED), f"Bay {field[5]}")
    other.get_by_role("heading", name=f"Patient of Bay {field[5]}").wait_for()
    page.locator(".told[data-state=stale]").get_by_text(MEANWHILE).wait_for()
    assert page.locator(field).input_value() == typed
    form = page.locator("form", has=page.locator(field))
    form.get_by_role("button").first.click()
    form.locator(".problem").get_by_text(MEANWHILE).wait_for()
    assert page.locator(field).input_value() == typed
    page.get_by_role("button", name="Show the new state").click()
    until(page, f"document.querySelector('#bed-label').value === 'Bay {field[5]}'")
    name_bed(page, SHARED)
    until(page, f"document.querySelector('h1').textContent === 'Patient of {SHARED}'")


def test_of_two_who_set_a_limit_the_second_is_told(page: Any, other: Any, quiet: Site) -> None:
    high = "#limit-rate\\.high_bpm"
    patient_page(page, quiet, SHARED).locator(high).fill("125")
    patient_page(other, quiet, SHARED).locator(high).fill("135")
    other.get_by_role("button", name="Review and save …").click()
    other.locator("dialog[open]").get_by_role("button", name="Save").click()
    other.locator("dialog[open]").wait_for(state="detached")
    page.locator(".told[data-state=stale]").get_by_text(MEANWHILE).wait_for()
    page.get_by_role("button", name="Review and save …").click()
    page.wait_for_timeout(1000)  # a dialog that asked to save would be there
    assert page.locator("dialog[open]").count() == 0
    assert MEANWHILE in page.inner_text(".told")
    assert page.locator(high).input_value() == "125"
    page.get_by_role("button", name="Show the new state").click()
    until(page, "document.getElementById('limit-rate.high_bpm').value === '135'")


def test_a_note_goes_on_while_its_writer_saves_a_limit(page: Any, quiet: Site) -> None:
    patient_page(page, quiet, GONE)
    if page.get_by_role("heading", name="Stay").count() == 0:
        admit(page, quiet, GONE, "4713")
    page.get_by_label("New note").fill("Half a no")
    page.locator("#limit-rate\\.high_bpm").fill("126")
    page.get_by_role("button", name="Review and save …").click()
    page.locator("dialog[open]").get_by_role("button", name="Save").click()
    page.locator("dialog[open]").wait_for(state="detached")
    until(page, "document.querySelector('.savebar').hidden")
    assert page.get_by_label("New note").input_value() == "Half a no"


@pytest.mark.parametrize("path", ["/", f"/bed/{ALARMS}"], ids=["wall", "bed"])
def test_an_acknowledgement_of_an_alarm_that_has_just_ended_says_so(
    page: Any, quiet: Site, path: str
) -> None:
    with redis.Redis.from_url(quiet.settings.redis_url) as store:
        identity = raise_alarm(store, quiet, ALARMS, "asystole", "high")
        page.goto(quiet.url + path)
        tile = page.locator(f".tile[data-device={ALARMS}]") if path == "/" else page
        button = tile.get_by_role("button", name="Acknowledge Asystole").first
        button.wait_for()
        until(page, "!document.querySelector('[data-settling]')")
        with held(page, "**/alerts/acknowledge") as posts:
            button.click()
            posts.arrived()
            store.hdel(keys.alerts(keys.partition_of(ALARMS, quiet.settings.partitions)), identity)
            posts.let_through()
        page.get_by_text("Not done: the alarm is over already").wait_for()
        assert page.locator(".reason-bar:visible").count() == 0, "nobody is asked why"
        raise_alarm(store, quiet, ALARMS, "asystole", "high")
