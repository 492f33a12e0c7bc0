"""Every page works under the content policy, which allows no script or style in the document."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashboard.web.pages import PAGES
from tests.support.pages import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

PATHS = [page.path.replace("<device>", "bed-1") for page in PAGES.values()]
BLOCKED = re.compile("Content.Security.Policy|violates the following|Refused to", re.IGNORECASE)


def test_no_page_breaks_the_policy(browser: Any, ward: Any) -> None:
    context = browser.new_context()
    told: list[str] = []
    context.on("console", lambda message: told.append(message.text))
    context.on("weberror", lambda raised: told.append(f"error: {raised.error}"))
    page = context.new_page()
    policies = []
    page.on("response", lambda got: policies.append(got.headers.get("content-security-policy", "")))
    page.goto(f"{ward.url}/signin")
    page.wait_for_selector("form #password")
    page.goto(ward.link)
    for path in PATHS:
        page.goto(ward.url + path)
        until(page, "document.querySelector('#hub-state')?.dataset.state === 'open'")
        until(page, "document.querySelectorAll('#view > *').length > 0")
    page.goto(ward.url)
    until(page, "document.querySelectorAll('.tile canvas').length > 0")
    # By its other name as well: the hub listens to pages of either.
    page.goto(ward.link.replace("127.0.0.1", "localhost"))
    until(page, "document.querySelector('#hub-state')?.dataset.state === 'open'")
    until(page, "document.querySelectorAll('.tile canvas').length > 0")
    # A script that got into a page does not run.
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.broken = true";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("window.broken") is None
    assert [text for text in told if BLOCKED.search(text)][:-1] == []
    assert [text for text in told if text.startswith("error:")] == []
    assert policies
    assert not [one for one in policies if "unsafe" in one or "*" in one]
    context.close()
