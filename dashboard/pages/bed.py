"""One bed: all its leads, numbers, beats and alarms, and tabs for its past."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from dash.fingerprint import build_fingerprint

from dashboard.pages.view import view
from ecg_monitor.keys import DEVICE_ID


def layout(device: str = "", **_: str) -> Any:
    """Return the page of the bed of ``device``."""
    name = device if DEVICE_ID.fullmatch(device) else ""
    return view("bed", device=name, plotly=plotly_address())


@cache
def plotly_address() -> str:
    """Address at which Dash serves its own plotly.js, which the page loads when trends are opened.

    With the version in its name, so that browsers keep it.
    """
    installed = version("plotly")
    name = build_fingerprint("package_data/plotly.min.js", installed, 0)  # type: ignore[no-untyped-call]
    return f"/_dash-component-suites/plotly/{name}"
