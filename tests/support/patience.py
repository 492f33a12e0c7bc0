"""Patience with pages: Playwright's own 30 s, and 5 s for what is expected, are short when busy."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.waiting import PATIENCE_S, allowed_s


def pytest_configure(config: pytest.Config) -> None:
    """Let each context that tests open wait as long as everything else in the tests does."""
    if importlib.util.find_spec("playwright") is None:
        return
    from playwright.sync_api import Browser, expect

    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    for name in ("new_context", "new_page"):
        patch.setattr(Browser, name, _patient(getattr(Browser, name)))
    expect.set_options(timeout=1000 * PATIENCE_S)


def _patient(opened: Callable[..., Any]) -> Callable[..., Any]:
    def open_patient(browser: Any, **options: Any) -> Any:
        one = opened(browser, **options)
        one.set_default_timeout(1000 * allowed_s(PATIENCE_S))
        return one

    return open_patient
