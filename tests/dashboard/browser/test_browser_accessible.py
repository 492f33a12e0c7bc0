"""Pages as those meet them who read another language, see less, or have no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ecg_monitor.ward import access
from tests.support.pages import flawless, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time


def prefer(context: Any, url: str, language: str, theme: str) -> None:
    context.add_cookies(
        [
            {"name": "ecg_language", "value": language, "url": url},
            {"name": "ecg_theme", "value": theme, "url": url},
        ]
    )


@pytest.fixture
def page(browser: Any, ward: Any) -> Iterator[Any]:
    with flawless(browser, 1366, 768) as context:
        page = context.new_page()
        page.goto(access.sign_in_link(ward.settings))
        until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
        yield page


def test_an_arabic_page_is_mirrored_and_its_traces_are_not(page: Any, ward: Any) -> None:
    prefer(page.context, ward.url, "ar", "dark")
    page.goto(ward.url)
    until(page, "document.querySelectorAll('.tile canvas').length === 9")
    box = "one => one.getBoundingClientRect().left"
    tiles = page.eval_on_selector_all(".tile", f"all => all.slice(0, 2).map({box})")
    assert tiles[0] > tiles[1]  # the first bed is at the right
    rate = page.eval_on_selector(".tile .rate", box)
    trace = page.eval_on_selector(".tile canvas", box)
    assert rate < trace
    label = page.eval_on_selector(".tile .label", box)
    assert label > trace
    directions = page.eval_on_selector_all(
        "canvas", "all => all.map(c => getComputedStyle(c).direction)"
    )
    assert set(directions) == {"ltr"}
    mark = page.eval_on_selector(".tile .millivolt", box)
    assert mark < trace  # the 1 mV mark stands before the trace, as time runs


def test_theme_is_changed_from_the_keyboard_and_remembered(page: Any, ward: Any) -> None:
    page.evaluate("window.changes = 0; document.addEventListener('themechange', () => changes++)")
    button = page.locator("#preferences > button")
    button.focus()
    page.keyboard.press("Enter")
    until(page, "document.activeElement.value === 'dark'")
    page.keyboard.press("ArrowDown")
    until(page, "document.documentElement.dataset.theme === 'light'")
    assert page.evaluate("window.changes") == 1
    page.keyboard.press("Escape")
    until(page, "document.activeElement.closest('#preferences') !== null")
    assert page.evaluate("document.querySelector('.menu').matches(':popover-open')") is False
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert page.get_attribute("html", "data-theme") == "light"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground


def test_canvases_take_the_colours_of_the_theme(page: Any) -> None:
    page.evaluate("document.documentElement.dataset.themeChoice = 'light'")
    until(page, "document.documentElement.dataset.theme === 'light'")
    pixels = """(() => {
      const canvas = document.querySelector(".tile canvas");
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 20, width, height - 40);
      const seen = {};
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] === 255) {
          const key = `${data[i]},${data[i + 1]},${data[i + 2]}`;
          seen[key] = (seen[key] ?? 0) + 1;
        }
      }
      return Object.entries(seen).sort((a, b) => b[1] - a[1])[0]?.[0];
    })()"""
    until(page, f"{pixels} === '0,112,60'")  # --trace of the light theme


def test_theme_of_the_system_is_followed(page: Any, ward: Any) -> None:
    prefer(page.context, ward.url, "en", "system")
    page.emulate_media(color_scheme="light")
    page.goto(ward.url)
    assert page.get_attribute("html", "data-theme") == "light"
    page.emulate_media(color_scheme="dark")
    until(page, "document.documentElement.dataset.theme === 'dark'")


def test_language_is_chosen_in_the_menu(page: Any) -> None:
    page.locator("#preferences > button").click()
    page.get_by_label("Français").check()
    until(page, "document.documentElement.lang === 'fr'")
    until(page, "document.querySelector('#header nav')?.innerText.includes('Lits')")
    until(page, "document.title.includes('Lits')")
    chip = "document.querySelector('#alarm-summary .chip')"
    until(page, f"{chip}?.getAttribute('aria-label').includes('haute')")


def test_counts_take_the_plural_of_the_language(page: Any, ward: Any) -> None:
    prefer(page.context, ward.url, "ar", "dark")
    page.goto(ward.url)
    counted = page.evaluate(
        """async () => {
          const { tn } = await import("/assets/base/i18n.js");
          const bare = (n) => tn("{n} bed", "{n} beds", n).replace(/[\\u2068\\u2069]/g, "");
          return [0, 1, 2, 3, 11, 100, 1234].map(bare);
        }"""
    )
    assert counted == [
        "لا أسرّة", "سرير واحد", "سريران", "3 أسرّة", "11 سريرًا", "100 سرير", "1,234 سريرًا"
    ]  # fmt: skip


def test_values_are_written_as_the_language_does(page: Any, ward: Any) -> None:
    code = """async () => {
      const { measure, number } = await import("/assets/base/i18n.js");
      const { timeOfDay, duration } = await import("/assets/base/words.js");
      return [measure(1.25, "mV", 2), number(12345), timeOfDay(1700000000).length, duration(75)];
    }"""
    assert page.evaluate(code) == ["1.25 mV", "12,345", 8, "1 min"]
    prefer(page.context, ward.url, "fr", "dark")
    page.goto(ward.url)
    assert page.evaluate(code) == ["1,25 mV", "12\u202f345", 8, "1 min"]
    prefer(page.context, ward.url, "ar", "dark")
    page.goto(ward.url)
    # Latin digits, and each value an island that runs from left to right.
    assert page.evaluate(code) == ["\u20661.25 mV\u2069", "12,345", 10, "\u20661 min\u2069"]


def test_alarms_are_told_to_screen_readers_once(page: Any, ward: Any) -> None:
    page.add_init_script(
        """window.said = [];
        new MutationObserver((all) => {
          for (const { target } of all) {
            if (target.id?.startsWith("announce-")) said.push(target.textContent);
          }
        }).observe(document, { childList: true, subtree: true });"""
    )
    page.goto(ward.url)
    until(page, "said.some((text) => text.includes('Bed 1: Asystole'))")
    (told,) = page.evaluate("said.filter((text) => text.includes('Bed 1: Asystole'))")
    assert "high priority" in told
    assert "Atrial" not in told
    assert page.get_attribute("#announce-now", "role") == "alert"
    assert page.get_attribute("#announce-next", "role") == "status"
    until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
    page.wait_for_timeout(4000)
    said = page.evaluate("said.filter((text) => text !== '').flatMap((text) => text.split('. '))")
    assert len(said) == len(set(said)), said


def test_the_first_tab_skips_the_header(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    until(page, "document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#view') !== null")


def test_traces_have_a_text_of_what_they_show(page: Any) -> None:
    until(page, "document.querySelector('.tile[data-device=bed-2] .rate').textContent > '0'")
    text = "document.querySelector('.tile[data-device={}] canvas').getAttribute('aria-label')"
    until(page, f"/\\d+ bpm/.test({text.format('bed-2')})")
    until(page, f"/MLII.*Bed 2|Bed 2.*MLII/.test({text.format('bed-2')})")
    assert page.locator(".tile[data-device=bed-2] canvas").get_attribute("role") == "img"
    # No number is told that means nothing.
    until(page, f"{text.format('bed-1')}.includes('no heart rate, Asystole')")


def test_reduced_motion_stops_the_flashing_and_keeps_the_mark(page: Any) -> None:
    page.emulate_media(reduced_motion="reduce")
    style = page.eval_on_selector(
        ".tile[data-alarm=high][data-presence=On] .alarm",
        "one => [getComputedStyle(one).animationName, getComputedStyle(one).outlineStyle]",
    )
    assert style == ["none", "solid"]
