"""What surrounds every page: header, notice, and the document that loads our own modules.

`dashboard.document` fills the places of the document. The elements with an id are filled by
``assets/header.js``; Dash renders them once.
"""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboard.i18n import translate
from dashboard.preferences import language
from dashboard.visitors import visitor_attributes

INDEX = """<!DOCTYPE html>
<html lang="{%lang%}" dir="{%dir%}" data-theme="{%shown%}" data-theme-choice="{%theme%}">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script src="/assets/theme.js"></script>
<link rel="stylesheet" href="/assets/theme.css">
<link rel="stylesheet" href="/assets/shell.css">
<link rel="stylesheet" href="/assets/header.css">
<link rel="stylesheet" href="/assets/tile.css">
<link rel="stylesheet" href="/assets/stacked.css">
<link rel="stylesheet" href="/assets/alarms.css">
<link rel="stylesheet" href="/assets/handling.css">
<link rel="stylesheet" href="/assets/standby.css">
<link rel="stylesheet" href="/assets/pages.css">
<link rel="stylesheet" href="/assets/bedpage.css">
<link rel="stylesheet" href="/assets/charts.css">
<link rel="stylesheet" href="/assets/session.css">
<link rel="stylesheet" href="/assets/users.css">
<link rel="stylesheet" href="/assets/system.css">
<link rel="stylesheet" href="/assets/controls.css">
<link rel="stylesheet" href="/assets/patient.css">
<link rel="stylesheet" href="/assets/small.css">
{%css%}
<script id="messages" type="application/json">{%messages%}</script>
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


def shell(hub: str) -> Any:
    """Return the layout around the pages, in the language of the present request.

    ``hub`` is the hub's address for the browser.
    """
    spoken = language()
    address: dict[str, Any] = {"data-hub": hub, **visitor_attributes()}
    return html.Div(
        [
            html.A(translate("Skip to the content", spoken), href="#view", className="skip"),
            _header(spoken),
            dash.page_container,
            html.Footer(translate("Research software, not a medical device", spoken), id="notice"),
            # What screen readers say of alarms: see assets/announce.js.
            html.Div(id="announce-now", className="heard", role="alert"),
            html.Div(id="announce-next", className="heard", role="status"),
        ],
        id="shell",
        **address,
    )


def _header(spoken: str) -> Any:
    pages: dict[str, Any] = {"aria-label": translate("Pages", spoken)}
    return html.Header(
        [
            html.A("ecg-monitor", href="/", className="brand", title=translate("All beds", spoken)),
            html.Nav(
                [
                    html.A(translate("Beds", spoken), href="/"),
                    html.A(translate("System", spoken), href="/system"),
                ],
                **pages,
            ),
            html.Div(id="alarm-summary"),
            html.Div(id="warnings", role="alert"),
            html.Div(id="figures"),
            html.Div(id="hub-state", role="status"),
            html.Button(
                translate("Display", spoken),
                id="display-button",
                title=translate("Sweep, gain, grid, leads and scale of the traces", spoken),
            ),
            html.Div(id="preferences"),
            html.Div(id="session"),
        ],
        id="header",
    )
