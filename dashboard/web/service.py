"""The dashboard as a process: serves the pages until SIGINT or SIGTERM."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import closing
from typing import Any

from dashboard.answers.asking import StoreThread
from dashboard.answers.recorded import reading
from dashboard.doors.proxies import TrustedProxies
from dashboard.web import connections
from dashboard.web.app import create_app
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings

log = logging.getLogger(__name__)

THREADS = 4
"""Pages are small and rare: the moving parts come from the hub."""
MAX_BODY_BYTES = 1024 * 1024
"""Whatever comes is kept until it is known who sent it: it must be small."""


def run(settings: Settings) -> None:
    """Serve the dashboard until told to stop.

    Raises:
        SettingsError: a needed setting is missing or wrong.
        ServiceError: the port cannot be bound.
    """
    with closing(StoreThread(settings.require("redis_url"))) as store:
        _serve(create_app(settings, store).server, settings)


def _serve(application: Any, settings: Settings) -> None:
    try:
        server = connections.create(
            TrustedProxies(settings.trusted_proxy).behind(application),
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            ident=None,
            max_request_body_size=MAX_BODY_BYTES,
            # TrustedProxies does both; waitress's own knows one address alone.
            clear_untrusted_proxy_headers=False,
        )
    except OSError as error:
        raise ServiceError(
            f"the dashboard cannot listen on {settings.host} port {settings.port}: {error}; "
            "choose another in ECG_PORT"
        ) from error
    # A page loads a dozen files at once: that some of them wait for a thread is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, _stop)
    log.info("dashboard listens on %s port %d", settings.host, settings.port)
    if settings.archive_dir.is_dir():
        threading.Thread(target=reading.load, name="loading", daemon=True).start()
    if settings.links == "on":
        log.info("`ecg-monitor dashboard --link` prints a link that signs a browser in")
    server.run()


def _stop(*_: object) -> None:
    raise SystemExit(0)
