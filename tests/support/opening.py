"""What is done to each context, and each page of its own, that a test opens in Chromium."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest


def when_opened(config: pytest.Config, prepare: Callable[[Any], None]) -> None:
    """Have each context or page prepared as soon as it is open, until pytest ends.

    Args:
        config: pytest's; where Playwright is not installed nothing is done.
        prepare: is given the context, or the page that was opened without one.
    """
    if importlib.util.find_spec("playwright") is None:
        return
    from playwright.sync_api import Browser

    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    for name in ("new_context", "new_page"):
        patch.setattr(Browser, name, _prepared(getattr(Browser, name), prepare))


def _prepared(opened: Callable[..., Any], prepare: Callable[[Any], None]) -> Callable[..., Any]:
    def open_prepared(browser: Any, **options: Any) -> Any:
        one = opened(browser, **options)
        prepare(one)
        return one

    return open_prepared
