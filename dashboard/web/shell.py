"""What surrounds every page: header, notice, and the document that loads our own modules.

`dashboard.web.document` fills the places of the document. The elements with an id are filled by
``assets/header/header.js``; Dash renders them once.
"""

from __future__ import annotations

import time
from typing import Any

import dash
from dash import html

from dashboard.answers.posting import MAX_BODY_BYTES
from dashboard.doors.visitors import visitor_attributes
from dashboard.i18n.messages import translate
from dashboard.i18n.preferences import language

INDEX = """<!DOCTYPE html>
<html lang="{%lang%}" dir="{%dir%}" data-theme="{%shown%}" data-theme-choice="{%theme%}"
  data-page="{%page%}">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script type="importmap">{%modules%}</script>
{%needed%}
<script src="/assets/base/theme.js"></script>
<script src="/assets/base/nonce.js" nonce="{%nonce%}"></script>
<link rel="stylesheet" href="/assets/base/theme.css">
<link rel="stylesheet" href="/assets/base/shell.css">
<link rel="stylesheet" href="/assets/header/header.css">
<link rel="stylesheet" href="/assets/wall/tile.css">
<link rel="stylesheet" href="/assets/wall/stacked.css">
<link rel="stylesheet" href="/assets/alarms/alarms.css">
<link rel="stylesheet" href="/assets/alarms/handling.css">
<link rel="stylesheet" href="/assets/alarms/standby.css">
<link rel="stylesheet" href="/assets/base/pages.css">
<link rel="stylesheet" href="/assets/bed/page.css">
<link rel="stylesheet" href="/assets/charts/charts.css">
<link rel="stylesheet" href="/assets/session/session.css">
<link rel="stylesheet" href="/assets/list/page.css">
<link rel="stylesheet" href="/assets/shift/page.css">
<link rel="stylesheet" href="/assets/devices/page.css">
<link rel="stylesheet" href="/assets/users/page.css">
<link rel="stylesheet" href="/assets/system/page.css">
<link rel="stylesheet" href="/assets/review/page.css">
<link rel="stylesheet" href="/assets/recordings/exports.css">
<link rel="stylesheet" href="/assets/units/units.css">
<link rel="stylesheet" href="/assets/twelve/page.css">
<link rel="stylesheet" href="/assets/analyze/page.css">
<link rel="stylesheet" href="/assets/base/controls.css">
<link rel="stylesheet" href="/assets/patient/page.css">
<link rel="stylesheet" href="/assets/base/small.css">
<link rel="stylesheet" href="/assets/base/print.css">
{%css%}
<script id="messages" type="application/json">{%messages%}</script>
<script id="vocabulary" type="application/json">{%vocabulary%}</script>
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
    offset = time.localtime().tm_gmtoff  # the page names its zone where it has another one
    told: dict[str, Any] = {
        "data-hub": hub,
        "data-offset": offset,
        "data-most-bytes": MAX_BODY_BYTES,
        **visitor_attributes(),
    }
    return html.Div(
        [
            html.A(translate("Skip to the content", spoken), href="#view", className="skip"),
            _header(spoken),
            dash.page_container,
            html.Footer(translate("Research software, not a medical device", spoken), id="notice"),
            # What screen readers say of alarms: see assets/header/announce.js.
            html.Div(id="announce-now", className="heard", role="alert"),
            html.Div(id="announce-next", className="heard", role="status"),
        ],
        id="shell",
        **told,
    )


def _header(spoken: str) -> Any:
    pages: dict[str, Any] = {"aria-label": translate("Pages", spoken)}
    return html.Header(
        [
            html.A("ecg-monitor", href="/", className="brand", title=translate("All beds", spoken)),
            html.Nav(
                [
                    html.A(translate("Beds", spoken), href="/"),
                    html.A(translate("Alarms", spoken), href="/alarms"),
                    html.A(translate("Analyze", spoken), href="/analyze"),
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
