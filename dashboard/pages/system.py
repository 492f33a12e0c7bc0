"""The system page: delays, lag, accepted and refused packets."""

from __future__ import annotations

from typing import Any

from dashboard.pages.view import view


def layout() -> Any:
    """Return the page."""
    return view("system")
