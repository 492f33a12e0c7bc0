"""Pages as those meet them who read another language, see less, or have no mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from dashboard.app import PAGES
from ecg_monitor import access

pytestmark = [pytest.mark.browser, pytest.mark.serial]

PATHS = [
    page.get("path") or page["path_template"].replace("<device>", "bed-1")
    for page in PAGES.values()
]
GRAVE = {"serious", "critical"}


def until(page: Any, condition: str, within_s: float = 25.0) -> None:
    """Wait until a JavaScript expression is true; the page's own policy forbids it to poll."""
    end = monotonic() + within_s
    while not page.evaluate(condition):
        assert monotonic() < end, f"never became true: {condition}"
        page.wait_for_timeout(100)


def prefer(context: Any, url: str, language: str, theme: str) -> None:
    context.add_cookies(
        [
            {"name": "ecg_language", "value": language, "url": url},
            {"name": "ecg_theme", "value": theme, "url": url},
        ]
    )


def settle(page: Any) -> None:
    """Wait for what the hub tells first, alarms among it."""
    until(page, "document.querySelector('#hub-state')?.dataset.state === 'open'")
    until(page, "document.querySelectorAll('#view > *').length > 0")
    page.wait_for_timeout(1500)


@pytest.fixture
def page(browser: Any, ward: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(access.sign_in_link(ward.settings))
    until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6", 60)
    yield page
    context.close()
    assert errors == []


def findings(page: Any) -> list[str]:
    """What axe finds that shuts people out: rule, element, why."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    result = axe.run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{one['id']}: {node['html'][:160]} | {node['failureSummary'][:300]}"
        for one in result["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_grave(page: Any, ward: Any, language: str) -> None:
    prefer(page.context, ward.url, language, "dark")
    grave = []

    def look(where: str) -> None:
        # Colours in the middle of a flash are tested in test_theme.py: here they hold still.
        page.add_style_tag(content="*, *::before { animation: none !important }")
        for theme in ("dark", "light"):
            page.evaluate("theme => document.documentElement.dataset.themeChoice = theme", theme)
            until(page, f"document.documentElement.dataset.theme === '{theme}'")
            grave.extend(f"{where} {theme}: {one}" for one in findings(page))

    for path in PATHS:
        page.goto(ward.url + path)
        settle(page)
        look(path)
    page.context.clear_cookies(name="ecg_session")
    page.goto(ward.url)
    look("signed out")
    assert grave == [], "\n".join(grave)


# Texts that are the same in every language: names, units, terms of ECG, what the data say.
LATIN = re.compile(
    r"^(ecg-monitor|English|Français|bed-\d+|[A-Z]\. \w+|bpm|min|mm/m[Vs]|QTc|pNN50|LF/HF"
    r"|Redis|Prometheus|local|admin|Enter|Esc|Tab|[A-Z0-9]{1,5}|[\W\d_]+)$"
)
TEXTS = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (["SCRIPT", "STYLE", "CODE"].includes(node.tagName)) continue;
    if (node.closest("[lang]:not(html)")) continue;
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) found.add(child.textContent.trim());
    }
    for (const name of ["title", "aria-label", "placeholder", "alt"]) {
      if (node.hasAttribute(name)) found.add(node.getAttribute(name).trim());
    }
  }
  return [document.title, ...found];
}"""


def test_no_english_is_left_on_an_arabic_page(page: Any, ward: Any) -> None:
    prefer(page.context, ward.url, "ar", "dark")
    left = {}
    for path in PATHS:
        page.goto(ward.url + path)
        settle(page)
        for text in page.evaluate(TEXTS):
            words = [word for word in re.split(r"[\s\u2066-\u2069,;:()·\u00d7/+]+", text) if word]
            names = {word for word in words if re.search(r"[A-Za-z]{3}", word)}
            if {word for word in names if not LATIN.match(word)} - set(site_words(text)):
                left[text] = path
    assert left == {}


def site_words(text: str) -> list[str]:
    """Words of the data that the feeder sends."""
    return re.findall(r"\b(?:Bed|Sample|Nurse|MLII|bed-\d+|bed)\b", text)


def test_an_arabic_page_is_mirrored_and_its_traces_are_not(page: Any, ward: Any) -> None:
    prefer(page.context, ward.url, "ar", "dark")
    page.goto(ward.url)
    until(page, "document.querySelectorAll('.tile').length === 9")
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
    page.wait_for_timeout(300)
    pixels = """() => {
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
      return Object.entries(seen).sort((a, b) => b[1] - a[1])[0][0];
    }"""
    assert page.evaluate(pixels) == "0,112,60"  # --trace of the light theme


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
    until(page, "document.title.startsWith('Lits')")
    until(page, "document.querySelector('#alarm-summary')?.innerText.includes('haute')")


def test_counts_take_the_plural_of_the_language(page: Any, ward: Any) -> None:
    prefer(page.context, ward.url, "ar", "dark")
    page.goto(ward.url)
    counted = page.evaluate(
        """async () => {
          const { tn } = await import("/assets/i18n.js");
          const bare = (n) => tn("{n} bed", "{n} beds", n).replace(/[\\u2068\\u2069]/g, "");
          return [0, 1, 2, 3, 11, 100, 1234].map(bare);
        }"""
    )
    assert counted == [
        "لا أسرّة", "سرير واحد", "سريران", "3 أسرّة", "11 سريرًا", "100 سرير", "1,234 سريرًا"
    ]  # fmt: skip


def test_values_are_written_as_the_language_does(page: Any, ward: Any) -> None:
    code = """async () => {
      const { measure, number } = await import("/assets/i18n.js");
      const { timeOfDay, duration } = await import("/assets/words.js");
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
    page.goto(ward.url)
    until(page, "document.querySelector('#announce-now')?.textContent.includes('Bed 1: Asystole')")
    told = page.inner_text("#announce-now")
    assert "high priority" in told
    assert "Atrial" not in told
    assert page.get_attribute("#announce-now", "role") == "alert"
    assert page.get_attribute("#announce-next", "role") == "status"
    page.evaluate(
        """() => {
          window.said = [];
          for (const id of ["announce-now", "announce-next"]) {
            new MutationObserver(() => said.push(document.getElementById(id).textContent))
              .observe(document.getElementById(id), { childList: true });
          }
        }"""
    )
    page.wait_for_timeout(4000)
    assert page.evaluate("said.filter((text) => text !== '')") == []


def test_the_first_tab_skips_the_header(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    until(page, "document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#view') !== null")


def test_headings_are_in_order(page: Any, ward: Any) -> None:
    for path in PATHS:
        page.goto(ward.url + path)
        settle(page)
        levels = page.evaluate(
            """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
              .filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]))"""
        )
        assert levels[:1] == [1], f"{path}: {levels}"
        assert levels.count(1) == 1, f"{path}: {levels}"
        steps = [b - a for a, b in pairwise(levels)]
        assert max(steps, default=0) <= 1, f"{path}: {levels}"


def test_targets_are_large_enough(page: Any, ward: Any) -> None:
    """WCAG 2.2, 2.5.8 (AA): 24 by 24 CSS pixels; links within a sentence are exempt."""
    small = """() => [...document.querySelectorAll("button, a[href], input, select, summary")]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }))
      .filter((one) => !one.classList.contains("skip"))
      .map((one) => {
        const [a, b] = [one, one.closest("label") ?? one].map((two) => two.getBoundingClientRect());
        return [one, Math.max(a.width, b.width), Math.max(a.height, b.height)];
      })
      .filter(([, width, height]) => width > 0 && (width < 24 || height < 24))
      .map(([one, width, height]) => `${one.outerHTML.slice(0, 90)} ${width} x ${height}`)"""
    found = {}
    for path in PATHS:
        page.goto(ward.url + path)
        settle(page)
        targets = page.evaluate(small)
        if targets:
            found[path] = targets
    assert found == {}


def test_traces_have_a_text_of_what_they_show(page: Any) -> None:
    until(page, "[...document.querySelectorAll('.rate')].every(e => e.textContent > '0')")
    page.wait_for_timeout(2500)
    canvas = page.locator(".tile canvas").first
    assert canvas.get_attribute("role") == "img"
    text = canvas.get_attribute("aria-label")
    assert re.search(r"MLII.*Bed 1|Bed 1.*MLII", text), text
    assert re.search(r"\d+ bpm", text), text


def test_reduced_motion_stops_the_flashing_and_keeps_the_mark(page: Any) -> None:
    page.emulate_media(reduced_motion="reduce")
    style = page.eval_on_selector(
        ".tile[data-alarm=high][data-presence=On] .alarm",
        "one => [getComputedStyle(one).animationName, getComputedStyle(one).outlineStyle]",
    )
    assert style == ["none", "solid"]
