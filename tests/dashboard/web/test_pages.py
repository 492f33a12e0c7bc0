"""Every page of the table has its script, and every script its page."""

from __future__ import annotations

import re

from dashboard.web.pages import PAGES
from tests.support.places import ROOT

ASSETS = ROOT / "dashboard" / "assets"
ELSEWHERE = {"elsewhere"}
"""What stands in place of the page of a bed of another care unit."""


def test_every_page_names_its_script_in_main_js() -> None:
    main = (ASSETS / "main.js").read_text(encoding="utf-8")
    named = dict(re.findall(r'(\w+): \(\) => import\("\./([\w/]+\.js)"\)', main))
    assert len(named) > 10
    assert sorted(named.keys() - ELSEWHERE) == sorted(PAGES)
    assert [path for path in named.values() if not (ASSETS / path).is_file()] == []


def test_no_two_pages_have_one_address() -> None:
    paths = [page.path for page in PAGES.values()]
    assert sorted(set(paths)) == sorted(paths)
    assert all(path.startswith("/") for path in paths)
