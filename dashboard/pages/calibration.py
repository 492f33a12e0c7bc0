"""The calibration page: how many pixels of the screen are a millimetre."""

from __future__ import annotations

from typing import Any

from dashboard.pages.view import view


def layout(**_: str) -> Any:
    """Return the page."""
    return view("calibration")
