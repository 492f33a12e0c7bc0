"""The wall: every bed at a glance."""

from __future__ import annotations

from typing import Any

from dashboard.pages.view import view


def layout() -> Any:
    """Return the page."""
    return view("wall")
