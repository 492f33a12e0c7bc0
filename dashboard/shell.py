"""What surrounds every page: header, notice, and the document that loads our own modules.

The elements with an id are filled by ``assets/header.js``; Dash renders them once.
"""

from __future__ import annotations

from typing import Any

import dash
from dash import html

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="dark">
<title>{%title%}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/theme.css">
<link rel="stylesheet" href="/assets/shell.css">
<link rel="stylesheet" href="/assets/tile.css">
<link rel="stylesheet" href="/assets/alarms.css">
<link rel="stylesheet" href="/assets/pages.css">
{%css%}
<script type="module" src="/assets/main.js"></script>
</head>
<body>
{%app_entry%}
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>
"""


_PAGES: dict[str, Any] = {"aria-label": "Pages"}


def shell(hub: str) -> Any:
    """Return the layout around the pages; ``hub`` is the hub's address for the browser."""
    address: dict[str, Any] = {"data-hub": hub}
    return html.Div(
        [
            html.Header(
                [
                    html.A("ecg-monitor", href="/", className="brand", title="All beds"),
                    html.Nav(
                        [html.A("Beds", href="/"), html.A("System", href="/system")],
                        **_PAGES,
                    ),
                    html.Div(id="alarm-summary", role="status"),
                    html.Div(id="warnings", role="alert"),
                    html.Div(id="figures"),
                    html.Div(id="hub-state", role="status"),
                    html.Button("Scale", id="scale-button", title="Show traces in true mm"),
                ],
                id="header",
            ),
            dash.page_container,
            html.Footer("Research software, not a medical device", id="notice"),
        ],
        id="shell",
        **address,
    )
