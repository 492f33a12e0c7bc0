"""A real browser, and systems that the tests of its pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.pages import still
from tests.support.sites import Site, feeding, running

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-device-for-media-stream",  # something that could sound
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium; what a test opens in it is a context of its own.

    Not longer than a module: while it is there an event loop runs, and no test of another folder
    could have one of its own.
    """
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def ward(tmp_path_factory: pytest.TempPathFactory, mitdb: Path) -> Iterator[Site]:
    """Nine beds with alarms, shared by all tests of pages: they look, and change nothing.

    They are followed for as long as these tests go on, and would take much from those that come.
    """
    with running(tmp_path_factory.mktemp("ward")) as one, feeding(one, mitdb, 9, "--alarms"):
        yield one


@pytest.fixture(scope="package")
def bare_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Dashboard and hub without beds, shared by the tests of what scripts draw."""
    with running(tmp_path_factory.mktemp("bare")) as one:
        yield one


@pytest.fixture
def page(browser: Any, bare_site: Any) -> Iterator[Any]:
    """The wall of a site without beds, built: Dash draws it after the page has loaded."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(bare_site.link)
    page.wait_for_selector(".view-wall", state="attached")
    yield page
    context.close()


@pytest.fixture(scope="session")
def shut_out() -> Callable[[Any], list[str]]:
    """Return a function that lists what axe finds on a page that shuts people out."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def look(page: Any) -> list[str]:
        for _ in range(3):
            if not (found := once(page)):
                break
            page.wait_for_timeout(1000)  # what is half drawn shuts nobody out
        return found

    def once(page: Any) -> list[str]:
        with still(page):
            result = axe.run(page, options={"resultTypes": ["violations"]}).response
        assert result["passes"], "it looked at something"
        return [
            f"{one['id']}: {node['html'][:160]} | {node['failureSummary'][:300]}"
            for one in result["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"][:3]
        ]

    return look
