"""Pages whose answers come late, on request: what a test or a page takes for granted then shows.

``pytest --slow-answers 0.7`` delays what pages fetch and post, ``--slow-hub 0.7`` what the hub
tells them. Without these options nothing is changed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.opening import when_opened

DELAYS = """(({ answersMs, hubMs }) => {
  const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const { fetch } = window;
  let asked = 0;
  window.fetch = async (resource, options) => {
    const acts = (options?.method ?? "GET") !== "GET";
    const late = acts || asked++ % 2 === 0;
    const answer = await fetch(resource, options);
    await after(late ? answersMs : answersMs / 4);
    return answer;
  };
  window.WebSocket = class extends WebSocket {
    addEventListener(type, listener, ...more) {
      super.addEventListener(type, type !== "message" ? listener
        : (event) => { setTimeout(() => listener(event), hubMs); }, ...more);
    }
  };
})"""
"""Runs in each page before its own scripts. Of questions every other one is answered soon, so that
later answers overtake earlier ones; acts all wait. Messages of the hub stay in their order."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the two delays, in s."""
    group = parser.getgroup("pages")
    for name, what in (("answers", "what pages fetch and post"), ("hub", "what the hub tells")):
        group.addoption(
            f"--slow-{name}",
            type=float,
            default=0.0,
            metavar="SECONDS",
            help=f"delay {what}, so that races show (default: 0)",
        )


def pytest_configure(config: pytest.Config) -> None:
    """Let each context and page that tests open run the script, if a delay is asked for."""
    answers_s, hub_s = (float(config.getoption(f"slow_{name}")) for name in ("answers", "hub"))
    if answers_s <= 0 and hub_s <= 0:
        return
    delays = json.dumps({"answersMs": 1000 * answers_s, "hubMs": 1000 * hub_s})
    when_opened(config, lambda one: _answer_late(one, f"{DELAYS}({delays})"))


def _answer_late(one: Any, script: str) -> None:
    one.add_init_script(script)
