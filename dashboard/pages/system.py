"""The system page: delays, lag, accepted and refused packets."""

from __future__ import annotations

from typing import Any

from dashboard.pages.view import view


def layout(**_: str) -> Any:
    """Return the page; its query is for the browser's own module."""
    return view("system")
