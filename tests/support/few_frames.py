"""Pages of tests draw ten times a second: without a graphics card sixty would take a whole core.

Tests that measure time (``serial``) have all frames.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.opening import when_opened

FEW = """(() => {
  const draw = window.requestAnimationFrame;
  window.requestAnimationFrame = (frame) => setTimeout(() => draw(frame), 90);
})()"""
"""Runs in each page before its own scripts, which take no frame back."""

_ALL = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Prepare each context and page that tests open."""
    config.stash[_ALL] = False
    when_opened(config, lambda one: None if config.stash[_ALL] else _draw_less(one))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note, before a test's fixtures open anything, whether it measures time."""
    item.config.stash[_ALL] = item.get_closest_marker("serial") is not None


def _draw_less(one: Any) -> None:
    one.add_init_script(FEW)
