"""Every page of the dashboard, as one table.

What moves (traces, numbers, alarms) is drawn by the scripts under ``assets`` into an empty element
that Dash renders once and never touches again; its name tells ``main.js`` which script to load.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from dash import html
from dash.fingerprint import build_fingerprint
from flask import g, has_request_context

from ecg_monitor.core.keys import DEVICE_ID


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        path: address, with ``<device>`` in place of a device id.
        title: English title; a translated one is looked up by it.
        data: returns further ``data-`` attributes for the page's script.
        order: place in Dash's search for the page that an address belongs to, first match wins.
    """

    path: str
    title: str
    data: Callable[[], dict[str, str]] = dict
    order: int | None = None


@cache
def _plotly_address() -> str:
    """Return where Dash serves its own plotly.js, which the page loads when trends are opened.

    With the version in its name, so that browsers keep it.
    """
    installed = version("plotly")
    name = build_fingerprint("package_data/plotly.min.js", installed, 0)  # type: ignore[no-untyped-call]
    return f"/_dash-component-suites/plotly/{name}"


def page_of(path: str) -> str:
    """Return the name of the page that an address belongs to, or `MISSING`."""
    return next((name for name, one in _patterns().items() if one.fullmatch(path)), MISSING)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    parts = {name: page.path.split("<device>") for name, page in PAGES.items()}
    return {name: re.compile("[^/]+".join(map(re.escape, some))) for name, some in parts.items()}


MISSING = "not_found_404"
"""What Dash shows in place of an address that leads to no page; the name is its own."""
PAGES = {
    "wall": Page("/", "Beds"),
    # Before "bed", whose template matches this path as well.
    "patient": Page("/bed/<device>/patient", "Patient", order=0),
    "bed": Page("/bed/<device>", "Bed", data=lambda: {"plotly": _plotly_address()}),
    "review": Page("/review/<device>", "Review"),
    "twelve": Page("/twelve/<device>", "Twelve leads"),
    "alarms": Page("/alarms", "Alarms"),
    "recordings": Page("/recordings", "Recordings"),
    "shift": Page("/shift", "Shift report"),
    "analyze": Page("/analyze", "Analyze"),
    "calibration": Page("/calibration", "Calibration"),
    "devices": Page("/devices", "Devices"),
    "users": Page("/users", "Users"),
    "system": Page("/system", "System"),
    MISSING: Page("/not-found-404", "Page not found"),
}
"""Name -> page. A new page is a row here and a script named in ``assets/main.js``."""


def layout_of(name: str) -> Callable[..., Any]:
    """Return the function by which Dash asks for the element of a page."""

    def layout(device: str = "", **_: str) -> Any:
        """Return the empty element into which the script draws, with what it needs to know.

        In place of the page of a bed of another care unit it is the page that says so.
        """
        attributes: dict[str, Any] = {
            f"data-{key}": value for key, value in PAGES[name].data().items()
        }
        view = name
        if "<device>" in PAGES[name].path:
            attributes["data-device"] = device if DEVICE_ID.fullmatch(device) else ""
            if has_request_context() and "sight" in g and not g.sight.sees(device):
                view, attributes["data-device"] = "elsewhere", ""
        attributes["data-view"] = view
        # Reached by the link that skips the header, and scrolled with the keys from there.
        return html.Main(id="view", className=f"view view-{view}", tabIndex="0", **attributes)

    return layout
