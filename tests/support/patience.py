"""Patience with pages: Playwright's own 30 s, and 5 s for what is expected, are short when busy."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from tests.support.opening import when_opened
from tests.support.waiting import PATIENCE_S, allowed_s


def pytest_configure(config: pytest.Config) -> None:
    """Let each context that tests open wait as long as everything else in the tests does."""
    when_opened(config, _be_patient)
    if importlib.util.find_spec("playwright") is not None:
        from playwright.sync_api import expect

        expect.set_options(timeout=1000 * PATIENCE_S)


def _be_patient(one: Any) -> None:
    one.set_default_timeout(1000 * allowed_s(PATIENCE_S))
