"""Broker addresses: ``mqtt://[user:password@]host[:port]`` and, over TLS, ``mqtts://``.

Several are separated by commas: any of them may be away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ecg_monitor.core.errors import ServiceError

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_ONE_HOST = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}
"""Names of this machine, for finding a broker that is named twice."""


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

    @property
    def address(self) -> str:
        """Host and port, as people name a broker among others."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.address}"


def broker_urls(text: str) -> tuple[str, ...]:
    """Return the addresses that ECG_MQTT_URL names, in order.

    Raises:
        ServiceError: one is empty, no address, or there twice, or only some are with TLS.
    """
    urls = tuple(one.strip() for one in text.split(","))
    if len(urls) == 1:
        parse_url(text)
        return (text,)
    brokers = []
    for number, url in enumerate(urls, start=1):
        if not url:
            raise ServiceError(
                f"ECG_MQTT_URL: address {number} of {len(urls)} is empty; take the comma away, or "
                "name a broker there, as in mqtt://a,mqtt://b"
            )
        try:
            brokers.append(parse_url(url))
        except ServiceError as error:
            # What stands at the place of a port may be half a password that holds a comma.
            why = "ECG_MQTT_URL: its port is no number" if error.__cause__ else error
            raise ServiceError(
                f"address {number} of {len(urls)}: {why} (a comma in a password is written %2C)"
            ) from None
    places = [(_ONE_HOST.get(one.host, one.host), one.port) for one in brokers]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise ServiceError(
                f"ECG_MQTT_URL names the broker {brokers[number].address} twice; name each once"
            )
    if len({broker.tls for broker in brokers}) > 1:
        raise ServiceError(
            "ECG_MQTT_URL names brokers with TLS and without: while one is away, passwords and "
            "signals would go to the other in the clear; write mqtts:// for all, or mqtt:// for all"
        )
    return urls


def named_brokers(text: str) -> dict[str, str]:
    """Return the addresses of ECG_MQTT_URL by what people call the brokers; one alone has no name.

    Raises:
        ServiceError: see `broker_urls`.
    """
    urls = broker_urls(text)
    if len(urls) == 1:
        return {"": urls[0]}
    return {
        f"broker {number} of {len(urls)}, {parse_url(url).address}": url
        for number, url in enumerate(urls, start=1)
    }


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
