"""A patient admitted, and limits changed, in a real Chromium: the alarm comes and goes live."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from ecg_monitor.launch.processes import answers, free_port
from ecg_monitor.ward.access import sign_in_link
from tests.support.places import ARTIFACTS
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
BED = "sick-01"
SERVED_S = 90
COMPILED_MS = 300_000
"""The detector may have to be compiled first."""


@pytest.fixture
def page(system):
    """The page of a bed whose patient's heart beats regularly at 110 bpm."""
    port, hub = free_port(), free_port()
    system.settings = replace(system.settings, port=port, hub_port=hub)
    scenario = system.folder / "fast.toml"
    scenario.write_text(
        'title = "Fast"\n[[segments]]\nrhythm = "sinus"\nrate = 110\nduration_s = 60\n'
    )
    for name in ("ingest", "detect", "deliver", "hub", "dashboard"):
        system.start(name)
    system.start(
        *("simulate", "--beds", "2", "--device-prefix", "sick", "--scenario", str(scenario)),
        "--no-progress",
    )
    wait_until(lambda: answers("127.0.0.1", port), SERVED_S)
    ARTIFACTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(sign_in_link(system.settings, "A. Nurse"))
        page.goto(f"http://127.0.0.1:{port}/bed/{BED}/patient")
        expect(page.locator(".live")).to_contain_text(
            re.compile("HR 1[01][0-9]"), timeout=COMPILED_MS
        )
        yield page
        assert errors == []
        browser.close()


def limit(page: Page, key: str):
    return page.locator(f'[id="limit-{key}"]')


def save(page: Page) -> None:
    """Review and save with the keyboard alone."""
    page.get_by_role("button", name="Review and save").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".told")).to_have_text("These limits are in force.")


def without_an_admission(page: Page) -> None:
    """Limits of a bed that nobody was admitted to are seen and changed, and alarm."""
    expect(page.get_by_role("heading", name="Nobody is admitted")).to_be_visible()
    expect(page.get_by_role("heading", name="Alarm limits of the bed")).to_be_visible()
    high = limit(page, "rate.high_bpm")
    expect(high).to_have_value("120")
    high.fill("95")
    save(page)
    expect(page.locator(".patient-head .alarm")).to_have_text("!! Tachycardia")
    other = page.context.new_page()
    other.goto(page.url.replace(f"/bed/{BED}/patient", "/"))
    expect(other.locator(f".tile[data-device={BED}] .rate-limits")).to_have_text(
        re.compile("50.95")
    )
    other.close()


def test_a_limit_is_changed_and_the_alarm_comes_and_goes(page):
    without_an_admission(page)
    page.get_by_label("Patient number").fill("4711")
    page.get_by_label("Name", exact=True).fill("Ada L.")
    on_its_way: list[Route] = []
    page.route("**/patients/admit", lambda one: on_its_way.append(one))  # noqa: PLW0108 - no builtin
    page.get_by_role("button", name="Admit").click()
    expect(page.locator(".patient-content")).to_have_attribute("aria-busy", "true")
    expect(limit(page, "rate.high_bpm")).to_be_disabled()
    on_its_way[0].continue_()
    expect(page.get_by_role("heading", name="Stay")).to_be_visible()
    expect(limit(page, "rate.high_bpm")).to_be_enabled()
    page.unroute("**/patients/admit")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ada L.")
    expect(page.locator(".patient-head .alarm")).to_have_text("")

    high = limit(page, "rate.high_bpm")
    expect(page.get_by_label("Tachycardia above", exact=True)).to_have_value("120")
    high.fill("20")
    row = page.locator("tr", has=high)
    expect(row.locator(".problem")).to_have_text(
        "must be at least 50, the limit “Bradycardia below”"
    )
    expect(high).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(high).to_be_focused()
    page.screenshot(path=ARTIFACTS / "patient-mistake.png")
    high.fill("100")
    expect(row.locator(".problem")).to_have_text("")
    page.get_by_role("button", name="Review and save").click()
    told = page.get_by_role("dialog").locator("li")
    expect(told).to_have_text("Heart rate and pauses: Tachycardia abovedefault (120 bpm) → 100 bpm")
    page.get_by_role("button", name="Cancel").click()
    save(page)
    expect(page.locator(".patient-head .alarm")).to_have_text("!! Tachycardia")
    expect(page.locator(".trail")).to_contain_text("Limits in force")
    page.screenshot(path=ARTIFACTS / "patient-limits.png")

    page.get_by_role("button", name="Back to the default: Tachycardia above").click()
    expect(high).to_have_value("120")
    save(page)
    expect(page.locator(".patient-head .alarm")).to_have_text("")
    expect(page.locator(".trail")).to_contain_text("100 bpm → default (120 bpm)")

    page.get_by_label("New note").fill("Restless.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".notes")).to_contain_text("Restless.")
    meanwhile_of_another(page)
    transferred_and_discharged(page)


def meanwhile_of_another(page: Page) -> None:
    """What somebody else has changed is told, and what is being typed is kept."""
    limit(page, "rate.low_bpm").fill("55")
    other = page.context.new_page()
    other.goto(page.url)
    limit(other, "rate.high_bpm").fill("115")
    save(other)
    other.close()
    expect(page.locator(".told")).to_contain_text("A. Nurse has changed this bed meanwhile")
    expect(limit(page, "rate.low_bpm")).to_have_value("55")
    with page.expect_response("**/patients/preview") as refused:
        page.get_by_role("button", name="Review and save").click()
    assert "changed this bed meanwhile" in refused.value.json()["error"]
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Show the new state").click()
    expect(limit(page, "rate.low_bpm")).to_have_value("50")
    expect(limit(page, "rate.high_bpm")).to_have_value("115")


def transferred_and_discharged(page: Page) -> None:
    page.get_by_label("Transfer to").select_option("sick-02")
    page.get_by_role("button", name="Transfer …").click()
    page.get_by_role("dialog").get_by_role("button", name="Transfer").click()
    page.wait_for_url("**/bed/sick-02/patient")
    expect(limit(page, "rate.high_bpm")).to_have_value("115")
    expect(page.locator(".notes")).to_contain_text("Restless.")
    page.set_viewport_size({"width": 390, "height": 844})
    width = page.evaluate("document.querySelector('.view').scrollWidth")
    assert width <= 390, "a phone must not scroll sideways"
    page.screenshot(path=ARTIFACTS / "patient-phone.png")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Bed", exact=True).click()
    expect(page.locator(".bed-head .patient")).to_have_text("Ada L.")
    page.get_by_role("link", name="Patient and limits").click()
    page.get_by_role("button", name="Discharge …").click()
    page.get_by_role("dialog").get_by_role("button", name="Discharge").click()
    expect(page.get_by_role("heading", name="Nobody is admitted")).to_be_visible()
    page.get_by_role("link", name="Bed", exact=True).click()
    expect(page.locator(".bed-head .patient")).to_have_text("No patient")
