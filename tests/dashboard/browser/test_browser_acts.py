"""An act that is on its way: it is done once, nothing is edited meanwhile, its outcome is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.types import Beat
from ecg_monitor.ward.trends import kept
from ecg_monitor.ward.trends.fold import Fold
from tests.support.pages import flawless, held, until
from tests.support.sites import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

BED, OTHER = "bed-1", "bed-2"


@pytest.fixture(scope="module")
def quiet(open_site: Callable[..., Any]) -> Iterator[Site]:
    """A site that knows two beds, which send nothing."""
    with open_site() as site:
        with redis.Redis.from_url(site.settings.redis_url) as store:
            for bed in (BED, OTHER):
                place = keys.partition_of(bed, site.settings.partitions)
                told = b'{"status": {"state": "online"}, "meta": {}}'
                store.hset(keys.roster(place), bed, f"{time.time():.0f} {time.time():.0f}")
                store.hset(keys.devices(place), bed, told)
        yield site


@pytest.fixture
def page(browser: Any, quiet: Site) -> Iterator[Any]:
    with flawless(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(quiet.link)
        yield page


def keep_beats(site: Site, count: int) -> None:
    """Let the last beats of the bed be kept: one a second, up to now."""
    fs, partition = 250.0, keys.partition_of(BED, site.settings.partitions)
    begin = time.time() - count - 2
    fold = Fold("boot1", fs)
    beats = [
        Beat(round(fs * (i + 1)), "N", {}, 0.1, 1.0, round(fs * (i + 2))) for i in range(count)
    ]
    over = fold.take(beats)
    with redis.Redis.from_url(site.settings.redis_url) as store:
        for minute in over:
            _, packed = kept.parts(minute)
            store.zadd(keys.beats(partition, BED), {packed: begin + minute.numbers.first_n / fs})
        running = kept.pack_running(begin, fold.running())
        store.hset(keys.trend_now(partition), BED, running)


def test_a_list_of_beats_says_where_it_ends_and_goes_on_when_asked(page: Any, quiet: Site) -> None:
    keep_beats(quiet, 330)
    page.goto(f"{quiet.url}/bed/{BED}#beats")
    rows = page.locator(".beat-list tbody tr")
    end = page.locator(".beat-list .list-end")
    end.get_by_text("The newest 300 of 330 are listed").wait_for()
    assert rows.count() == 300
    end.get_by_role("button", name="Show 30 more").click()
    end.get_by_text("All 330 are listed").wait_for()
    assert rows.count() == 330
    assert not end.get_by_role("button").is_visible()


def test_a_note_is_added_once_and_stands_still_until_it_is_there(page: Any, quiet: Site) -> None:
    page.goto(f"{quiet.url}/bed/{BED}/patient")
    page.get_by_label("Patient number").fill("4711")
    page.get_by_role("button", name="Admit").click()
    note = page.get_by_label("New note")
    note.fill("Restless.")
    with held(page, "**/patients/note") as posts:
        button = page.get_by_role("button", name="Add note")
        button.dblclick()
        posts.arrived()
        assert note.is_disabled()
        button.dispatch_event("click")
        page.get_by_text("One moment …").wait_for()
        posts.let_through()
        page.locator(".notes .note").get_by_text("Restless.").wait_for()
        until(page, "document.querySelector('#patient-note').value === ''")
        assert posts.count == 1
    # The page may have looked by itself meanwhile: the act ends with a look of its own.
    until(page, "!document.querySelector('#patient-note').disabled")
    assert page.locator(".notes .note").count() == 1


def test_what_is_too_long_is_refused_in_words_and_not_cut(page: Any, quiet: Site) -> None:
    page.goto(f"{quiet.url}/bed/{OTHER}/patient")
    bed = page.locator(".bed-form")
    refused(page, bed.get_by_label("Name of the bed"), "b" * 25, "1 to 24 characters, got 25")
    refused(page, bed.get_by_label("Name of the bed"), "bed-1", "has this name already")
    refused(page, page.get_by_label("Patient number"), "7" * 65, "1 to 64 characters, got 65")
    page.get_by_label("Patient number").fill("7" * 64)
    page.get_by_role("button", name="Admit").click()
    note = page.get_by_label("New note")
    refused(page, note, "x" * 2001, "1 to 2000 characters, got 2001")


def refused(page: Any, control: Any, text: str, words: str) -> None:
    """Paste a text and send it: it is refused, and stays as it was pasted."""
    control.fill(text)
    control.evaluate("one => one.form.requestSubmit()")
    page.get_by_text(words).wait_for()
    assert control.input_value() == text
    control.fill("")


def test_escape_does_not_take_back_what_has_been_sent(page: Any, quiet: Site) -> None:
    page.goto(f"{quiet.url}/users")
    with held(page, "**/units/add") as posts:
        page.get_by_role("button", name="Add care unit …").click()
        name = page.get_by_role("dialog").get_by_label("Name")
        name.fill("ICU")
        name.press("Enter")
        posts.arrived()
        assert name.is_disabled()
        assert page.evaluate("document.activeElement.textContent") == "Save"
        page.get_by_role("dialog").get_by_role("button", name="Cancel").dispatch_event("click")
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 1
        posts.let_through()
        page.locator("dialog[open]").wait_for(state="detached")
    page.get_by_role("link", name="ICU", exact=True).wait_for()


def test_a_refused_dialog_can_be_mended_where_one_was(page: Any, quiet: Site) -> None:
    page.goto(f"{quiet.url}/users")
    page.get_by_role("button", name="Add user …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill("noor")
    dialog.get_by_label("Password").fill("password12")
    page.keyboard.press("Enter")
    dialog.get_by_text("too easy").wait_for()
    until(page, "document.activeElement.type === 'password'")
    assert dialog.get_by_label("User name").input_value() == "noor"


def test_an_account_shows_its_new_state_and_an_older_answer_does_not_undo_it(
    page: Any, quiet: Site
) -> None:
    page.goto(f"{quiet.url}/users")
    add_user(page, "vera")
    page.get_by_role("button", name="Disable vera").wait_for()
    with held(page, "**/people") as asked, held(page, "**/people/disable") as posts:
        asked.arrived()  # what the page asks every ten seconds
        page.get_by_role("button", name="Disable vera").dblclick()
        posts.arrived()
        posts.let_through()
        asked.arrived(2)
        asked.let_through(1)
        page.get_by_role("button", name="Enable vera").wait_for()
        assert page.evaluate("document.activeElement.textContent") == "Enable"
        asked.let_through(0)
        asked.arrived()  # ten seconds later: the older answer has long been there
        assert page.get_by_role("button", name="Enable vera").is_visible()
        assert posts.count == 1


def test_a_role_that_was_chosen_is_shown_at_once(page: Any, quiet: Site) -> None:
    page.goto(f"{quiet.url}/users")
    add_user(page, "karim")
    role = page.get_by_label("Role of karim")
    with held(page, "**/people/role") as posts:
        role.select_option("viewer")
        posts.arrived()
        assert role.is_disabled()
        posts.let_through()
        page.locator(".toast").get_by_text("Done").wait_for()
        until(page, "document.activeElement.ariaLabel === 'Role of karim'")
    assert role.input_value() == "viewer"
    with held(page, "**/people/role") as posts:
        role.select_option("admin")
        posts.arrived()
        posts.take().fulfill(status=409, json={"error": "no"})
        page.locator(".toast").get_by_text("Not done").wait_for()
        until(page, "document.querySelector('[aria-label=\"Role of karim\"]').value === 'viewer'")


def add_user(page: Any, name: str) -> None:
    page.get_by_role("button", name="Add user …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill(name)
    dialog.get_by_label("Password").fill("blue tram no 7")
    dialog.get_by_role("button", name="Add user").click()
    dialog.wait_for(state="detached")
    page.get_by_label(f"Role of {name}").wait_for()


def test_an_example_is_analysed_once_however_often_it_is_pressed(page: Any, quiet: Site) -> None:
    page.goto(f"{quiet.url}/analyze")
    with held(page, "**/studies/example") as posts:
        button = page.get_by_role("button", name="Twelve leads")
        button.dblclick()
        posts.arrived()
        button.dispatch_event("click")
        posts.let_through()
        page.locator(".jobs li").wait_for()
        assert posts.count == 1


def test_all_audio_is_paused_once_however_often_it_is_pressed(page: Any, quiet: Site) -> None:
    page.locator(".tile").first.wait_for()
    button = page.locator(".pause-all")
    with held(page, "**/alerts/*-all") as posts:
        button.dblclick()
        posts.arrived()
        button.dispatch_event("click")
        posts.let_through()
        page.get_by_role("button", name="Resume audio").wait_for()
        assert posts.count == 1
    button.click()  # as soon as it takes a press
    page.get_by_role("button", name="Pause all audio").wait_for()
