"""Signing in, working and being signed out in a real Chromium, by keyboard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, time
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.access import Role
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.patients.desk import PatientDesk
from tests.support.pages import PATIENCE_S, flawless, until
from tests.support.waiting import allowed_s

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

GOOD = "blue tram no 7"
ACTS = r"/alerts/|/patients/(admit|change|note|transfer|discharge)"
ONLY_CLINICIANS = "Only a clinician may do this"


def admit(settings: Settings, device: str) -> None:
    async def do() -> None:
        client = store.connect(settings.redis_url)
        try:
            desk = PatientDesk(client, settings)
            await desk.admit(device, "tests", patient="4711", name="", category="adult")
        finally:
            await client.aclose()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, do()).result()


def add_user(url: str, name: str, role: Role) -> None:
    async def add() -> None:
        client = store.connect(url)
        try:
            await People(client, "tests").add(name, role, GOOD)
        finally:
            await client.aclose()

    with ThreadPoolExecutor(1) as pool:  # playwright has an event loop in this thread
        pool.submit(asyncio.run, add()).result()


@pytest.fixture
def page(browser: Any, site: Any) -> Iterator[Any]:
    for name, role in (("amina", "admin"), ("karim", "clinician"), ("vera", "viewer")):
        add_user(site.settings.redis_url, name, role)
    with flawless(browser, 1440, 900) as context:
        yield context.new_page()


def sign_in(page: Any, url: str, name: str, password: str = GOOD) -> None:
    """By keyboard alone: the first field has the focus."""
    page.goto(url)
    until(page, "document.activeElement.id === 'name'")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    until(page, "document.activeElement.id === 'password'")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def live(page: Any) -> None:
    page.wait_for_selector("#hub-state[data-state=open]")


def at_sign_in(page: Any) -> None:
    page.wait_for_url(re.compile(r"/signin($|\?)"))


def ends_within(page: Any, seconds: float) -> None:
    """Wait until the dashboard knows that the session ends so soon: it keeps a copy for a while."""
    end = monotonic() + allowed_s(PATIENCE_S)
    left = "fetch('/session').then((answer) => answer.json()).then(({ left_s }) => left_s)"
    while page.evaluate(left) > seconds:
        assert monotonic() < end
        page.wait_for_timeout(50)


def test_by_keyboard_in_and_out(page: Any, site: Any, artifacts: Path) -> None:
    sign_in(page, f"{site.url}/system", "karim", "wrong password")
    assert page.inner_text("[role=alert]") == "User name or password is wrong"
    assert page.input_value("#name") == "karim"
    page.screenshot(path=artifacts / "sign-in.png")
    until(page, "document.activeElement.id === 'password'")
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/system")
    live(page)
    page.get_by_role("button", name="Signed in as karim").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="Users and sessions").count() == 0  # not an administrator
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    at_sign_in(page)
    assert page.goto(site.url).status == 401


def test_a_viewer_sees_why_buttons_do_nothing(page: Any, site: Any, feed: Any) -> None:
    feed(1, "--alarms")
    sign_in(page, f"{site.url}/bed/bed-1", "vera")
    until(page, "document.querySelectorAll('.active-alarms [data-presence=On]').length === 2")
    button = page.get_by_role("button", name="Acknowledge Asystole, Bed 1")
    assert button.get_attribute("aria-disabled") == "true"
    assert button.get_attribute("title") == ONLY_CLINICIANS
    posted: list[str] = []
    page.on("request", lambda one: posted.append(one.url) if re.search(ACTS, one.url) else None)
    button.focus()
    page.keyboard.press("Enter")
    assert page.inner_text(".toast") == ONLY_CLINICIANS
    page.get_by_role("button", name="Pause audio 2 min").click(force=True)

    page.goto(site.url)
    tile = page.get_by_role("button", name="Acknowledge Asystole, Bed 1")
    for one in (tile, page.get_by_role("button", name="Pause all audio")):
        one.wait_for()
        assert one.get_attribute("title") == ONLY_CLINICIANS
        assert one.get_attribute("aria-description") == ONLY_CLINICIANS
        page.evaluate("document.querySelector('.toast').textContent = ''")
        one.click(force=True)
        assert page.inner_text(".toast") == ONLY_CLINICIANS
    page.locator("#view a.label").focus()
    page.keyboard.press("p")

    page.goto(f"{site.url}/bed/bed-1/patient")
    page.get_by_role("button", name="Admit").click(force=True)
    assert page.inner_text(".toast") == ONLY_CLINICIANS
    assert page.get_by_label("Patient number").is_disabled()

    page.goto(f"{site.url}/users")
    page.get_by_text("Only an administrator may see this page.").wait_for()
    assert posted == []


def test_a_viewer_sees_a_stay_and_changes_nothing(page: Any, site: Any, feed: Any) -> None:
    feed(2)
    admit(site.settings, "bed-1")
    sign_in(page, f"{site.url}/bed/bed-1/patient", "vera")
    for name in ("Transfer …", "Discharge …", "Add note"):
        button = page.get_by_role("button", name=name)
        button.wait_for()
        assert button.get_attribute("aria-disabled") == "true", name
        assert button.get_attribute("title") == ONLY_CLINICIANS, name
    for name in ("New note", "Name", "Transfer to"):
        assert page.get_by_label(name, exact=True).is_disabled(), name
    assert page.locator(".limits input:enabled").count() == 0


def test_an_administrator_adds_and_ends(page: Any, site: Any, browser: Any) -> None:
    sign_in(page, f"{site.url}/users", "amina")
    page.get_by_role("button", name="Add user").click()
    page.keyboard.type("noor")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("password12")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('dialog .problem')?.textContent.includes('too easy')")
    page.locator("dialog").get_by_label("Password").fill("green tram no 8")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.view-users tbody')?.innerText.includes('noor')")
    other = browser.new_context().new_page()
    sign_in(other, site.url, "noor", "green tram no 8")
    live(other)
    until(page, "document.querySelectorAll('.view-users tbody')[1].innerText.includes('noor')")
    page.get_by_role("button", name="End noor").click()
    at_sign_in(other)  # though nobody touched it
    assert "Your session has ended" in other.inner_text("[role=alert]")
    other.context.close()


def test_an_idle_page_watches_on_and_asks_who_acts(
    page: Any, site: Any, feed: Any, artifacts: Path
) -> None:
    feed(1, "--alarms")
    sign_in(page, site.url, "karim")
    live(page)
    page.goto("about:blank")  # no sign of life is under way any more
    client = redis.Redis.from_url(site.settings.redis_url)
    (digest,) = client.hkeys(keys.SESSIONS)
    client.hset(keys.SEEN, digest, str(time() - 901))
    client.close()
    page.goto(f"{site.url}/bed/bed-1")
    until(page, "document.querySelectorAll('.active-alarms [data-presence=On]').length === 2")
    shown = "document.querySelector('.session-button').innerText"
    until(page, f"{shown} === 'Watching only'")
    page.mouse.move(200, 200)  # whoever moves a mouse has not said who they are
    live(page)
    page.screenshot(path=artifacts / "idle.png")
    page.get_by_role("button", name="Acknowledge Asystole, Bed 1").click()
    page.get_by_role("heading", name="Say who you are").wait_for()
    until(page, "document.activeElement.type === 'password'")
    page.screenshot(path=artifacts / "say-who.png")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('dialog .problem')?.textContent.includes('is wrong')")
    assert page.get_by_text("by karim").count() == 0
    page.locator("dialog").get_by_label("Password").fill(GOOD)
    page.keyboard.press("Enter")
    page.get_by_text("by karim").first.wait_for()  # what was pressed is done
    until(page, f"{shown} === 'karim'")


def test_the_end_of_the_day_is_told_before(page: Any, site: Any) -> None:
    sign_in(page, site.url, "karim")
    live(page)
    client = redis.Redis.from_url(site.settings.redis_url)
    (name,) = client.hkeys(keys.SESSIONS)
    session = orjson.loads(client.hget(keys.SESSIONS, name))
    client.hset(keys.SESSIONS, name, orjson.dumps({**session, "ends_at": time() + 30}))
    client.close()
    ends_within(page, 30)
    page.reload()
    notice = page.locator(".session-notice")
    notice.wait_for(state="visible")
    assert "You will be signed out in" in notice.inner_text()
    at_sign_in(page)


def test_a_wall_display(page: Any, site: Any, feed: Any) -> None:
    feed(1)
    sign_in(page, site.url, "karim")
    live(page)
    page.get_by_role("button", name="Signed in as karim").click()
    page.get_by_role("button", name="Start wall display").click()
    page.locator("dialog").get_by_role("button", name="Start wall display").click()
    page.wait_for_selector("#shell[data-kind=wall]")
    page.wait_for_selector(".tile")
    assert page.get_by_role("button", name="Signed in as Wall display").count() == 1
    client = redis.Redis.from_url(site.settings.redis_url)
    (digest,) = client.hkeys(keys.SEEN)
    client.hset(keys.SEEN, digest, str(time() - 100_000))
    page.wait_for_timeout(4500)
    live(page)  # no idle time
    assert page.locator(".session-notice").is_hidden()
    (name,) = client.hkeys(keys.SESSIONS)
    session = orjson.loads(client.hget(keys.SESSIONS, name))
    client.hset(keys.SESSIONS, name, orjson.dumps({**session, "ends_at": time() + 3 * 3600 + 55}))
    client.close()
    ends_within(page, 3 * 3600 + 55)
    page.reload()
    page.locator(".session-notice").wait_for()
    assert "This wall display ends in 3 h 0 min" in page.inner_text(".session-notice")
