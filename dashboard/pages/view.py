"""The empty element into which the browser's own modules draw a page."""

from __future__ import annotations

from typing import Any

from dash import html


def view(name: str, **data: str) -> Any:
    """Return the element for the view ``name``, with ``data-`` attributes for it to read."""
    attributes: dict[str, Any] = {f"data-{key}": value for key, value in data.items()}
    attributes["data-view"] = name
    # Reached by the link that skips the header, and scrolled with the keys from there.
    return html.Main(id="view", className=f"view view-{name}", tabIndex="0", **attributes)
