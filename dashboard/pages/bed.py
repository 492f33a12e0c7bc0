"""One bed: all its leads, numbers, beats and alarms."""

from __future__ import annotations

from typing import Any

from dashboard.pages.view import view
from ecg_monitor.keys import DEVICE_ID


def layout(device: str = "", **_: str) -> Any:
    """Return the page of the bed of ``device``."""
    return view("bed", device=device if DEVICE_ID.fullmatch(device) else "")
