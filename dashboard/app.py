"""The Dash application: pages, what surrounds them, and who may see them."""

from __future__ import annotations

from typing import Any

import dash

from dashboard import guard, handling, history, metrics, patients, people
from dashboard.addresses import hub_address
from dashboard.document import Dashboard, titled
from dashboard.pages import bed, calibration, patient, system, users, wall
from dashboard.shell import shell
from ecg_monitor.settings import Settings

PAGES: dict[str, dict[str, Any]] = {
    "wall": {"path": "/", "title": titled("Beds"), "layout": wall.layout},
    "patient": {
        "path_template": "/bed/<device>/patient",
        "order": 0,  # before "bed", whose template matches this path as well
        "title": titled("Patient"),
        "layout": patient.layout,
    },
    "bed": {
        "path_template": "/bed/<device>",
        "title": titled("Bed"),
        "layout": bed.layout,
    },
    "calibration": {
        "path": "/calibration",
        "title": titled("Calibration"),
        "layout": calibration.layout,
    },
    "users": {"path": "/users", "title": titled("Users"), "layout": users.layout},
    "system": {"path": "/system", "title": titled("System"), "layout": system.layout},
}
"""Every page: a new one is a module in ``pages`` and a line here."""


def create_app(settings: Settings) -> Any:
    """Return the application; its ``server`` is what a WSGI server serves.

    Raises:
        SettingsError: the secret is missing, or an address is malformed.
    """
    app = Dashboard(
        "dashboard",
        title="ecg-monitor",
        use_pages=True,
        pages_folder="",
        # Our files are modules that import one another; the document loads the first one.
        include_assets_files=False,
        update_title="",
    )
    for name, page in PAGES.items():
        dash.register_page(name, **page)  # type: ignore[no-untyped-call]
    address = hub_address(settings)
    app.layout = lambda: shell(address)  # anew per request: it speaks the language of who asks
    visitors = guard.install(app.server, settings)
    people.install(app.server, settings, visitors)
    metrics.install(app.server, settings, visitors)
    handling.install(app.server, settings)
    history.install(app.server, settings)
    patients.install(app.server, settings)
    return app
