"""The patient of one bed: admission, alarm limits, notes, and who changed what."""

from __future__ import annotations

from typing import Any

from dashboard.pages.view import view
from ecg_monitor.keys import DEVICE_ID


def layout(device: str = "", **_: str) -> Any:
    """Return the page of the patient at ``device``."""
    return view("patient", device=device if DEVICE_ID.fullmatch(device) else "")
