"""Encodes what a client sends that subscribes and acknowledges; no I/O.

Sources: MQTT 3.1.1 (2014) and MQTT 5.0 (2019), OASIS Standards; sections are those of 5.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ecg_monitor.core.mqtt import fields

Version = Literal["3.1.1", "5"]

SESSION_EXPIRY_S = 24 * 3600
"""How long the broker keeps messages for a client that is away (MQTT 5), s."""

SESSION_TAKEN = 0x8E
"""Another client has connected with our client id: reason of a DISCONNECT (3.14.2.1)."""

_REASONS = {
    1: "unsupported protocol version",
    2: "client id refused",
    3: "server unavailable",
    4: "wrong user or password",
    5: "not authorised",
    0x80: "unspecified error",
    0x81: "malformed packet",
    0x82: "protocol error",
    0x84: "unsupported protocol version",
    0x85: "client id refused",
    0x86: "wrong user or password",
    0x87: "not authorised",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8A: "banned",
    0x8B: "server shutting down",
    0x8D: "keep-alive timeout",
    SESSION_TAKEN: "session taken over",
    0x8F: "topic filter refused",
    0x93: "receive maximum exceeded",
    0x95: "packet too large",
    0x97: "quota exceeded",
    0x98: "administrative action",
    0x9C: "use another server",
    0x9D: "server moved",
    0x9E: "shared subscriptions not supported",
    0x9F: "connection rate exceeded",
}


def reason(code: int) -> str:
    """Return what a code of an answer means (2.4; CONNACK of 3.1.1: its own 3.2.2.3)."""
    return f"{_REASONS.get(code, 'reason')} ({code})"


def connect(
    version: Version,
    client_id: str,
    *,
    in_flight: int,
    keepalive_s: int,
    username: str | None = None,
    password: str | None = None,
) -> bytes:
    """Encode CONNECT with a session that outlives the connection (3.1).

    Args:
        version: of MQTT.
        client_id: names the session.
        in_flight: most messages that the broker may send before the first is acknowledged, up to
            65535; 3.1.1 cannot say so.
        keepalive_s: longest silence of ours, s.
        username: user, or None.
        password: password, or None.
    """
    level, properties = 4, b""
    if version == "5":
        level = 5
        said = (
            b"\x11" + SESSION_EXPIRY_S.to_bytes(4, "big") + b"\x21" + in_flight.to_bytes(2, "big")
        )
        properties = fields.length(len(said)) + said
    return fields.connect(
        client_id,
        keepalive_s=keepalive_s,
        username=username,
        password=password,
        level=level,
        properties=properties,
    )


def subscribe(version: Version, mid: int, filters: Iterable[str]) -> bytes:
    """Encode SUBSCRIBE with QoS 1 (3.8)."""
    properties = b"\x00" if version == "5" else b""
    wanted = b"".join(fields.text(one) + b"\x01" for one in filters)
    return fields.packet(0x82, mid.to_bytes(2, "big") + properties + wanted)


def acknowledge(mids: Iterable[int]) -> bytes:
    """Encode a PUBACK for each message (3.4)."""
    return b"".join([b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids])


def publish(version: Version, topic: str, payload: bytes) -> bytes:
    """Encode PUBLISH with QoS 0 (3.3)."""
    return fields.packet(0x30, fields.text(topic) + (b"\x00" if version == "5" else b"") + payload)
