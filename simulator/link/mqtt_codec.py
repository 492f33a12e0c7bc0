"""Encodes and decodes the MQTT 3.1.1 packets of a client that publishes and hears receipts; no I/O.

Source: MQTT Version 3.1.1, OASIS Standard (2014); the section is named at each packet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import fields

PINGREQ, DISCONNECT, MAX_MID = fields.PINGREQ, fields.DISCONNECT, fields.MAX_MID
_CONNACK, _PUBLISH, _PUBACK, _SUBACK, _PINGRESP = 2, 3, 4, 9, 13
_ACK = _PUBACK << 4 << 8 | 2
"""The first two bytes of a PUBACK; the id of its message follows (3.4)."""
_topic, _length = lru_cache(1 << 15)(fields.text), lru_cache(1 << 12)(fields.length)
"""Encoded names of topics and lengths: the same few come again and again."""
_MAX_ANSWER = 64
"""Longest packet in bytes that a broker may send, but for what was subscribed to."""
_MAX_PUBLISH = 65_536
"""Longest message in bytes that is taken."""

REFUSALS = {
    1: "it does not speak MQTT 3.1.1",
    2: "it refuses the client id",
    3: "it is not available",
    4: "wrong user name or password",
    5: "not authorised",
}
"""CONNACK return codes (3.2.2.3)."""


@dataclass(frozen=True, slots=True)
class ConnAck:
    """Answer to CONNECT; ``code`` 0 is welcome, see `REFUSALS` for others."""

    code: int


@dataclass(frozen=True, slots=True)
class PubAck:
    """The broker has taken over message ``mid``."""

    mid: int


@dataclass(frozen=True, slots=True)
class PingResp:
    """Answer to PINGREQ: the broker is alive."""


@dataclass(frozen=True, slots=True)
class SubAck:
    """Answer to SUBSCRIBE; whether it was granted does not matter: then nothing comes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of QoS 0 that was subscribed to."""

    topic: str
    payload: bytes


Answer = ConnAck | PubAck | PingResp | SubAck | Delivery


def connect(
    client_id: str,
    *,
    will_topic: str,
    will_payload: bytes,
    keepalive_s: int,
    username: str | None = None,
    password: str | None = None,
) -> bytes:
    """Encode CONNECT with a clean session and a retained last will of QoS 1 (3.1)."""
    return fields.connect(
        client_id,
        keepalive_s=keepalive_s,
        username=username,
        password=password,
        flags=fields.CLEAN_SESSION | fields.WILL | fields.WILL_QOS_1 | fields.WILL_RETAIN,
        will=fields.text(will_topic) + fields.binary(will_payload),
    )


def publish(topic: str, payload: bytes, mid: int, *, retain: bool = False) -> bytes:
    """Encode PUBLISH with QoS 1 (3.3)."""
    name = _topic(topic)
    length = _length(len(name) + 2 + len(payload))
    return b"".join((b"\x33" if retain else b"\x32", length, name, mid.to_bytes(2), payload))


def subscribe(topic: str, mid: int) -> bytes:
    """Encode SUBSCRIBE with QoS 0 (3.8)."""
    body = mid.to_bytes(2, "big") + fields.text(topic) + b"\x00"
    return fields.packet(0x82, body)


class Parser:
    """Turns the broker's bytes, cut anywhere, into answers."""

    def __init__(self) -> None:
        self._rest = b""

    def acks(self, data: bytes) -> list[int] | None:
        """Return the ids in bytes that are acknowledgements alone, as most are; else None."""
        if self._rest or len(data) % 4 or data[0] != _ACK >> 8:
            return None
        words = struct.unpack(f">{len(data) // 4}I", data)
        mids = [word & 0xFFFF for word in words if word >> 16 == _ACK]
        return mids if len(mids) == len(words) else None

    def feed(self, data: bytes) -> Iterator[Answer]:
        """Take bytes and yield the answers that they complete.

        Raises:
            ServiceError: this is no MQTT broker, or it sends what it must not.
        """
        buffer, position = self._rest + data, 0
        while len(buffer) - position >= 2:
            kind, flags = buffer[position] >> 4, buffer[position] & 15
            length, width = fields.read_length(buffer, position + 1)
            if length > (_MAX_PUBLISH if kind == _PUBLISH and flags & 6 == 0 else _MAX_ANSWER):
                raise ServiceError(f"unexpected answer of the broker (type {kind})")
            begin = position + 1 + width
            if width == 0 or begin + length > len(buffer):
                break
            yield _answer(kind, buffer[begin : begin + length])
            position = begin + length
        self._rest = buffer[position:]


def _answer(kind: int, body: bytes) -> Answer:
    if kind == _PUBACK and len(body) == 2:
        return PubAck(int.from_bytes(body, "big"))
    if kind == _CONNACK and len(body) == 2:
        return ConnAck(body[1])
    if kind == _PINGRESP and not body:
        return PingResp()
    if kind == _SUBACK and len(body) == 3:
        return SubAck()
    if kind == _PUBLISH and len(body) >= 2:
        end = 2 + int.from_bytes(body[:2], "big")
        return Delivery(body[2:end].decode(errors="replace"), body[end:])
    raise ServiceError(f"unexpected answer of the broker (type {kind}, {len(body)} bytes)")
