"""The Dash application: pages, what surrounds them, and who may see them."""

from __future__ import annotations

from typing import Any

import dash

from dashboard import guard, handling
from dashboard.addresses import hub_address
from dashboard.pages import bed, system, wall
from dashboard.shell import INDEX, shell
from ecg_monitor.settings import Settings

PAGES: dict[str, dict[str, Any]] = {
    "wall": {"path": "/", "title": "Beds · ecg-monitor", "layout": wall.layout},
    "bed": {
        "path_template": "/bed/<device>",
        "title": "Bed · ecg-monitor",
        "layout": bed.layout,
    },
    "system": {"path": "/system", "title": "System · ecg-monitor", "layout": system.layout},
}
"""Every page: a new one is a module in ``pages`` and a line here."""


def create_app(settings: Settings) -> Any:
    """Return the application; its ``server`` is what a WSGI server serves.

    Raises:
        SettingsError: the secret is missing, or an address is malformed.
    """
    app = dash.Dash(
        "dashboard",
        title="ecg-monitor",
        use_pages=True,
        pages_folder="",
        # Our files are modules that import one another; the document loads the first one.
        include_assets_files=False,
        index_string=INDEX,
        update_title="",
    )
    for name, page in PAGES.items():
        dash.register_page(name, **page)  # type: ignore[no-untyped-call]
    app.layout = shell(hub_address(settings))
    guard.install(app.server, settings)
    handling.install(app.server, settings)
    return app
