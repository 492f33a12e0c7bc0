"""Every page walked once per look: what shuts people out, English left over, headings, targets.

A walk takes long, so the tests of a look share it, and all looks are walked side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dashboard.web.pages import PAGES
from ecg_monitor.ward import access
from tests.support.pages import flawless, still, until
from tests.support.sites import Site, feeding, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]  # for the walk

PATHS = [page.path.replace("<device>", "bed-1") for page in PAGES.values()]
ADMITTED = "/bed/bed-2/patient"
ADMIT = """fields => fetch(`/patients/${fields.what}`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields),
}).then(async (answer) => [answer.status, await answer.text()])"""

# Texts that are the same in every language: names, units, terms of ECG, what the data say.
LATIN = re.compile(
    r"^(ecg-monitor|English|Français|bed-\d+|[A-Z]\. \w+|bpm|min|aV[RLF]|mm/m[Vs]|QTc|pNN50|LF/HF"
    r"|Redis|Prometheus|local|admin|Enter|Esc|Tab|Shift|Ctrl|Delete|PageUp|PageDown|zip|aECG|\.[a-z]+"
    r"|[A-Z0-9]{1,5}|[\W\d_]+)$"
)
DATA = re.compile(r"\b(?:Bed|Sample|Nurse|MLII|bed-\d+|bed)\b")
"""Words that the feeder sends."""

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
LEVELS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]))"""
# WCAG 2.2, 2.5.8 (AA): 24 by 24 CSS pixels; links within a sentence are exempt.
SMALL = """() => [...document.querySelectorAll("button, a[href], input, select, summary")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => !one.classList.contains("skip"))
  .map((one) => {
    const [a, b] = [one, one.closest("label") ?? one].map((two) => two.getBoundingClientRect());
    return [one, Math.max(a.width, b.width), Math.max(a.height, b.height)];
  })
  .filter(([, width, height]) => width > 0 && (width < 24 || height < 24))
  .map(([one, width, height]) => `${one.outerHTML.slice(0, 90)} ${width} x ${height}`)"""


@dataclass
class Walk:
    """What was found on the pages in one language and theme, by page."""

    language: str
    theme: str
    grave: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    levels: dict[str, list[int]] = field(default_factory=dict)
    small: dict[str, list[str]] = field(default_factory=dict)


def settle(pages: list[Any]) -> None:
    """Wait for what the hub tells first, alarms among it."""
    for page in pages:
        until(page, "document.querySelector('#hub-state')?.dataset.state === 'open'")
        until(page, "document.querySelectorAll('#view > *').length > 0")
    pages[-1].wait_for_timeout(1000)
    for page in pages:
        # Colours in the middle of a flash are tested in test_theme.py: here they hold still.
        page.add_style_tag(content="*, *::before { animation: none !important }")


LOOKS = [("en", "dark"), ("en", "light"), ("ar", "light")]


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, mitdb: Path) -> Iterator[Site]:
    """Nine beds of this module's own: a patient is admitted to one."""
    with running(tmp_path_factory.mktemp("ward")) as one, feeding(one, mitdb, 9, "--alarms"):
        yield one


@contextmanager
def visiting(browser: Any, ward: Site, language: str, theme: str) -> Iterator[Any]:
    """A page of an administrator in a language and a theme."""
    with flawless(browser, 1366, 768) as context:
        wishes = {"ecg_language": language, "ecg_theme": theme}
        context.add_cookies(
            [{"name": name, "value": value, "url": ward.url} for name, value in wishes.items()]
        )
        page = context.new_page()
        page.goto(access.sign_in_link(ward.settings))
        until(page, "document.querySelectorAll('.tile[data-alarm]').length >= 6")
        yield page


def admit(page: Any) -> None:
    """Let bed-2 have a patient with limits and a note."""
    stay = {"device": "bed-2", "name": "B. Sample", "category": "adult", "version": 0}
    limits = {"limits": {"rate": {"high_bpm": 130}}, "alarms": {}}
    for fields in (
        {"what": "admit", "patient": "4711", **stay},
        {"what": "change", **stay, **limits, "version": 1},
    ):
        status, text = page.evaluate(ADMIT, fields)
        assert status == 200, text


@pytest.fixture(scope="module")
def walks(
    browser: Any, ward: Site, shut_out: Callable[[Any], list[str]]
) -> dict[tuple[str, str], Walk]:
    """Go through all pages in all looks side by side, then through pop-ups and a dialog of each."""
    found = {look: Walk(*look) for look in LOOKS}
    with ExitStack() as stack:
        pages = {look: stack.enter_context(visiting(browser, ward, *look)) for look in LOOKS}
        admit(pages[LOOKS[0]])
        for path in (*PATHS, ADMITTED):
            for page in pages.values():
                page.goto(ward.url + path)
            settle(list(pages.values()))
            with still(*pages.values()):
                for look, page in pages.items():
                    walk = found[look]
                    walk.texts[path] = page.evaluate(TEXTS)
                    walk.levels[path] = page.evaluate(LEVELS)
                    walk.small[path] = page.evaluate(SMALL)
                    walk.grave += [f"{path}: {one}" for one in shut_out(page)]
        for look, page in pages.items():
            found[look].grave += pop_ups(page, shut_out)
    return found


def pop_ups(page: Any, shut_out: Callable[[Any], list[str]]) -> Iterator[str]:
    """Open the review of limits and the menus of a page, and yield what shuts people out there."""

    def look(where: str) -> list[str]:
        return [f"{where}: {one}" for one in shut_out(page)]

    page.locator("#limit-rate\\.high_bpm").fill("125")
    page.locator(".savebar .primary").click()
    page.locator("dialog[open] .changes li").first.wait_for()
    yield from look("review of limits")
    page.keyboard.press("Escape")
    page.locator(".savebar button").first.click()
    for name in ("display", "preferences", "session"):
        page.locator(f"[popovertarget={name}-menu]").click()
        until(page, f"document.getElementById('{name}-menu').matches(':popover-open')")
        yield from look(f"menu {name}")
        page.keyboard.press("Escape")


@pytest.fixture(params=LOOKS, ids="-".join)
def walk(walks: dict[tuple[str, str], Walk], request: pytest.FixtureRequest) -> Walk:
    """What was found in one look."""
    return walks[request.param]


def test_axe_finds_nothing_grave(walk: Walk) -> None:
    assert walk.grave == [], "\n".join(walk.grave)


def test_no_english_is_left_on_an_arabic_page(walk: Walk) -> None:
    if walk.language != "ar":
        assert any("Research software" in text for text in walk.texts["/"]), "texts are read"
        return
    left = {}
    for path, texts in walk.texts.items():
        for text in texts:
            words = [word for word in re.split(r"[\s\u2066-\u2069,;:()·\u00d7/+،؛]+", text) if word]
            names = {word for word in words if re.search(r"[A-Za-z]{3}", word)}
            if {word for word in names if not LATIN.match(word)} - set(DATA.findall(text)):
                left[text] = path
    assert left == {}


def test_headings_are_in_order(walk: Walk) -> None:
    for path, levels in walk.levels.items():
        assert levels[:1] == [1], f"{path}: {levels}"
        assert levels.count(1) == 1, f"{path}: {levels}"
        steps = [b - a for a, b in pairwise(levels)]
        assert max(steps, default=0) <= 1, f"{path}: {levels}"


def test_targets_are_large_enough(walk: Walk) -> None:
    assert {path: small for path, small in walk.small.items() if small} == {}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_to_sign_in(
    browser: Any, ward: Any, shut_out: Callable[[Any], list[str]], theme: str
) -> None:
    context = browser.new_context()
    context.add_cookies([{"name": "ecg_theme", "value": theme, "url": ward.url}])
    page = context.new_page()
    page.goto(ward.url)
    assert shut_out(page) == []
    context.close()


def test_pages_count_beds_and_leave_technical_figures_to_the_system_page(walk: Walk) -> None:
    if walk.language != "en":
        return
    assert any(re.fullmatch(r"\d+ beds", one) for one in walk.texts["/"])
    for path, texts in walk.texts.items():
        if path != "/system":
            assert not any(re.search(r"\b(fps|[Dd]elay|with the next)\b", one) for one in texts), (
                path
            )
