"""Where the hub listens and under which address a browser finds it."""

from __future__ import annotations

from urllib.parse import urlsplit

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings


def hub_port(settings: Settings) -> int:
    """Return the port of the hub: as set, else the dashboard's port plus 1.

    Raises:
        SettingsError: neither port is set, so that the browser could not be told.
    """
    if settings.hub_port:
        return settings.hub_port
    if not 1 <= settings.port < 65_535:
        raise SettingsError("ECG_HUB_PORT must be set when ECG_PORT is 0 or 65535")
    return settings.port + 1


def hub_address(settings: Settings) -> str:
    """Return the hub's address for browsers: ``ws(s)://...``, or ``:port`` on the page's host.

    Raises:
        SettingsError: ``ECG_HUB_URL`` is not a ws or wss address, or the port is unknown.
    """
    if not settings.hub_url:
        return f":{hub_port(settings)}"
    parts = urlsplit(settings.hub_url)
    if parts.scheme not in {"ws", "wss"} or not parts.netloc:
        raise SettingsError(
            f"ECG_HUB_URL must look like wss://monitor.example.org/hub, got {settings.hub_url!r}"
        )
    return settings.hub_url
