"""Broker addresses: ``mqtt://[user:password@]host[:port]`` and, over TLS, ``mqtts://``."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ecg_monitor.core.errors import ServiceError

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerUrl:
    """Where a broker is and who we are there.

    Attributes:
        host: name or address.
        port: TCP port.
        username: user, or None.
        password: password, or None. Not shown.
        tls: whether to connect over TLS.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def parse_url(url: str) -> BrokerUrl:
    """Take the address of a broker apart.

    User and password may hold percent-encoded characters (``%40`` for ``@``).

    Raises:
        ServiceError: it is no such address; the error never shows the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ServiceError(f"ECG_MQTT_URL: {error}") from error
    if parts.scheme not in _PORTS:
        raise ServiceError(
            "ECG_MQTT_URL must begin with mqtt:// or mqtts://, as in mqtt://127.0.0.1:1883; "
            + (f"it begins with {parts.scheme}:" if "://" in url else "it has no scheme")
        )
    if not parts.hostname:
        raise ServiceError("ECG_MQTT_URL names no host; write mqtt://host:port")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ServiceError("ECG_MQTT_URL must end after the port: brokers have no path")
    return BrokerUrl(
        host=parts.hostname,
        port=port if port is not None else _PORTS[parts.scheme],
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        tls=parts.scheme == "mqtts",
    )
