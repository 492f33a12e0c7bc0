"""What a finger presses, in a glove: 44 px and more (WCAG 2.2, 2.5.5), on a tablet and a phone."""

from __future__ import annotations

from typing import Any

import pytest

from ecg_monitor.ward import access
from tests.support.pages import lasting, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time

FINGER_PX = 44
SIZES = [(1024, 768), (390, 844)]

# Buttons and links that a finger of 44 px would miss: measured by what lies under its edges.
SMALL = """(finger) => {
  const half = finger / 2 - 1;
  const wanted = "#header :is(button, nav a), .tile button, .back, .patient-link, .bed-head button,"
    + " .tabs button, .handling button, .banner button";
  const missed = [];
  for (const one of document.querySelectorAll(wanted)) {
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = one.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    for (const [dx, dy] of [[0, -half], [0, half], [-half, 0], [half, 0]]) {
      const hit = document.elementFromPoint(x + dx, y + dy);
      if (hit === null || one.contains(hit)) continue;
      const name = one.getAttribute("aria-label") || one.innerText;
      const at = `${Math.round(box.left)}, ${Math.round(box.top)}`;
      missed.push(`${name}: ${Math.round(box.width)} x ${Math.round(box.height)} px at ${at}`);
      break;
    }
  }
  return missed;
}"""


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_finger_hits_what_it_presses(browser: Any, ward: Any, language: str) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True)
    context.add_cookies([{"name": "ecg_language", "value": language, "url": ward.url}])
    page = context.new_page()
    page.goto(access.sign_in_link(ward.settings))
    found = {}
    for path in ("/", "/bed/bed-1"):
        page.goto(ward.url + path)
        until(page, "document.querySelector('[data-alarm=high] .alarm') !== null")
        assert page.evaluate("matchMedia('(pointer: coarse)').matches")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(800)
            missed = lasting(page, SMALL, FINGER_PX)
            if missed:
                found[path, width] = missed
    context.close()
    assert found == {}
