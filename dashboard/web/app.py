"""The Dash application: pages, what surrounds them, and who may see them."""

from __future__ import annotations

from typing import Any

import dash

from dashboard.addresses import hub_address
from dashboard.answers import handling, history, patients, twelve, units
from dashboard.answers.asking import StoreThread
from dashboard.answers.lists import alarmlist, devices, shift
from dashboard.answers.recorded import exporting, listing, reading, reviewing
from dashboard.doors import guard, people
from dashboard.studies import answers as studies
from dashboard.web import files, metrics
from dashboard.web.document import Dashboard, titled
from dashboard.web.pages import PAGES, layout_of
from dashboard.web.shell import shell
from ecg_monitor.core.settings import Settings


def create_app(settings: Settings, store: StoreThread) -> Any:
    """Return the application; its ``server`` is what a WSGI server serves.

    Args:
        settings: secret, addresses, partitions, configuration file.
        store: asks Redis; whoever has made it closes it once the application is served no more.

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
        address = {"path_template" if "<" in page.path else "path": page.path}
        order = {} if page.order is None else {"order": page.order}
        dash.register_page(  # type: ignore[no-untyped-call]
            name, title=titled(page.title), layout=layout_of(name), **address, **order
        )
    hub = hub_address(settings)
    app.layout = lambda: shell(hub)  # anew per request: it speaks the language of who asks
    visitors = guard.install(app.server, settings, store)
    files.install(app.server)
    people.install(app.server, settings, store, visitors)
    metrics.install(app.server, settings, visitors)
    handling.install(app.server, settings, store)
    history.install(app.server, settings, store)
    reading.install(app.server, settings, store)
    twelve.install(app.server, settings, store)
    reviewing.install(app.server, settings, store)
    exporting.install(app.server, settings, store)
    listing.install(app.server, settings, store)
    alarmlist.install(app.server, settings, store)
    devices.install(app.server, settings, store)
    patients.install(app.server, settings, store)
    units.install(app.server, settings, store)
    shift.install(app.server, settings, store)
    studies.install(app.server, settings, store)
    return app
