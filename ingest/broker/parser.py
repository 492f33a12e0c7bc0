"""Turns a broker's bytes, cut anywhere, into messages and answers. Pure; no I/O.

Many packets come in one piece, and each bed sends several a second: this is the hot path. What
breaks the standard is an error, after which nothing that comes can be trusted. Memory is bounded:
of a message that is longer than any packet of the wire format the end is thrown away as it comes.

Sources: MQTT 3.1.1 (2014) and MQTT 5.0 (2019), OASIS Standards; sections are those of 5.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.fields import read_length
from ecg_monitor.core.wire import MAX_PAYLOAD
from ingest.broker.packets import Version

MOST_MESSAGE = MAX_PAYLOAD + 128 * 1024
"""Bytes of a message that are kept: the longest payload that is taken, the longest topic, and as
much for properties. What is longer is cut: its payload is refused for its size all the same."""
MOST_ANSWER = 64 * 1024
"""Longest packet, bytes, that is no message. Brokers may add words for people (MQTT 5)."""

_CONNACK, _PUBLISH, _SUBACK, _PINGRESP, _DISCONNECT = 2, 3, 9, 13, 14
_ANSWERS = {kind << 4 for kind in (_CONNACK, _SUBACK, _PINGRESP, _DISCONNECT)}
"""How the packets begin that are no message: their flags are 0."""
_KEEP_ALIVE = 0x13
_SIZES = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), 2),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), 4),
}
"""Sizes of properties that have a fixed one, bytes (2.2.2.2)."""


class ReceivedMessage(NamedTuple):
    """A message that waits for its acknowledgement.

    Attributes:
        topic: topic it was published on.
        payload: content.
        qos: quality of service of the delivery; 0 cannot be acknowledged.
        mid: packet id, for the acknowledgement; 0 with QoS 0.
        arrival: Unix time at which it was read, s.
        clock: monotonic time at which it was read, s.
        retained: the broker had kept it from before we subscribed.
    """

    topic: str
    payload: bytes
    qos: int
    mid: int
    arrival: float
    clock: float
    retained: bool = False


@dataclass(frozen=True, slots=True)
class ConnAck:
    """Answer to CONNECT (3.2).

    Attributes:
        code: 0 is welcome; see `ingest.broker.packets.reason` for others.
        keepalive_s: the keep-alive interval that the broker wants instead of ours, s, or None.
    """

    code: int
    keepalive_s: int | None = None


@dataclass(frozen=True, slots=True)
class SubAck:
    """Answer to SUBSCRIBE ``mid``: a code for each filter, 128 or more if refused (3.9)."""

    mid: int
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PingResp:
    """Answer to PINGREQ (3.13)."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The broker ends the connection, and says why (MQTT 5, 3.14)."""

    code: int


class ProtocolError(ServiceError):
    """The broker breaks the standard, or is none."""


Answer = ReceivedMessage | ConnAck | SubAck | PingResp | Disconnect | ProtocolError


class Parser:
    """Splits the bytes of one connection.

    Args:
        version: of MQTT.
    """

    def __init__(self, version: Version) -> None:
        self._five = version == "5"
        self._pieces: list[bytes] = []
        self._held = 0
        self._wanted = 2
        self._cut: ReceivedMessage | None = None
        self._to_skip = 0

    def feed(self, data: bytes, arrival: float, clock: float) -> list[Answer]:
        """Take bytes and return the answers that they complete, in order.

        Where the broker breaks the standard the last of them is the error; then no more may come.

        Args:
            data: what was read.
            arrival: Unix time, s.
            clock: monotonic time, s.
        """
        self._pieces.append(data)
        self._held += len(data)
        if self._held < self._wanted:
            return []
        data = b"".join(self._pieces)  # a single one is not copied
        answers: list[Answer] = []
        try:
            rest = data[self._split(data, answers, arrival, clock) :]
        except ServiceError as error:
            answers.append(ProtocolError(str(error)))
            rest = b""
        self._pieces, self._held = [rest] if rest else [], len(rest)
        return answers

    def _split(self, data: bytes, answers: list[Answer], arrival: float, clock: float) -> int:
        """Add the answers that lie in ``data``; return where the first incomplete packet begins."""
        at, size, self._wanted = 0, len(data), 2
        while True:
            if self._cut is not None:
                at = self._skip(at, size)
                if self._to_skip:
                    self._wanted = 1
                    break
                answers.append(self._cut)
                self._cut = None
            if size - at < 2:
                break
            first, length, begin = data[at], data[at + 1], at + 2
            if length > 127 and size - at > 2 and data[at + 2] < 128:  # two bytes, as most have
                length = length & 127 | data[at + 2] << 7
                begin = at + 3
            elif length > 127:
                length, width = read_length(data, at + 1)
                if not width:
                    self._wanted = size - at + 1
                    break
                begin = at + 1 + width
            is_message = first >> 4 == _PUBLISH
            if not is_message and (length > MOST_ANSWER or first not in _ANSWERS):
                raise ProtocolError(f"no answer to a client (type {first >> 4}, {length} bytes)")
            end = begin + min(length, MOST_MESSAGE)
            if end > size:
                self._wanted = end - at
                break
            if not is_message:
                answers.append(self._answer(first, data[begin:end]))
            elif length <= MOST_MESSAGE:
                answers.append(self._message(data, first, begin, end, end, arrival, clock))
            else:
                self._cut = self._message(data, first, begin, end, begin + length, arrival, clock)
                self._to_skip = length - MOST_MESSAGE
            at = end
        return at

    def _skip(self, at: int, size: int) -> int:
        """Pass over what is left of a message that was cut; return where the next packet begins."""
        skipped = min(self._to_skip, size - at)
        self._to_skip -= skipped
        return at + skipped

    def _message(
        self,
        data: bytes,
        first: int,
        begin: int,
        end: int,
        whole: int,
        arrival: float,
        clock: float,
    ) -> ReceivedMessage:
        """Read a PUBLISH that lies in ``data[begin:end]``, and would reach to ``whole`` (3.3)."""
        qos = first >> 1 & 3
        at = begin + 2
        if qos > 1:
            raise ProtocolError(f"a message of QoS {qos}, which nobody has subscribed to")
        if at > end:
            raise ProtocolError("a message without a topic")
        topic_at, at = at, at + (data[begin] << 8 | data[begin + 1])
        topic_end, mid = at, 0
        if qos:
            at += 2
            if at > end:
                raise ProtocolError("a message that is shorter than its topic")
            mid = data[at - 2] << 8 | data[at - 1]
            if not mid:
                raise ProtocolError("a message of QoS 1 without an id")
        if self._five:
            if at >= end:
                raise ProtocolError("a message without properties")
            properties, width = data[at], 1
            if properties > 127:
                properties, width = read_length(data, at)
            at += width + properties
        if at > whole or topic_end > end:
            raise ProtocolError("a message that is shorter than it says")
        topic, payload = data[topic_at:topic_end].decode(errors="replace"), data[at:end]
        if whole > end:  # so that it is refused, however much of it are properties
            payload = payload.ljust(MAX_PAYLOAD + 1, b"\0")
        return ReceivedMessage(topic, payload, qos, mid, arrival, clock, bool(first & 1))

    def _answer(self, first: int, body: bytes) -> Answer:
        kind = first >> 4
        if kind == _PINGRESP and not body:
            return PingResp()
        if kind == _CONNACK and len(body) >= 2 and body[0] < 2:
            return ConnAck(body[1], _keepalive(body[2:]))
        if kind == _SUBACK and len(body) >= 3:
            begin = 2 + (_skip_properties(body, 2) if self._five else 0)
            if begin < len(body):
                return SubAck(int.from_bytes(body[:2], "big"), tuple(body[begin:]))
        if kind == _DISCONNECT and self._five:
            return Disconnect(body[0] if body else 0)
        raise ProtocolError(f"an answer that is none (type {kind}, {len(body)} bytes)")


def _skip_properties(body: bytes, at: int) -> int:
    """Return how many bytes properties take, with their length."""
    length, width = read_length(body, at)
    if not width:
        raise ProtocolError("an answer without properties")
    return width + length


def _keepalive(body: bytes) -> int | None:
    """Return the keep-alive interval among the properties of a CONNACK, s (3.2.2.3.14).

    A broker of MQTT 3.1.1 sends none, and those that cannot be read say nothing.
    """
    if not body:
        return None
    length, at = read_length(body, 0)
    end = at + length
    while at < min(end, len(body)):
        kind, at = body[at], at + 1
        if kind == _KEEP_ALIVE and at + 2 <= len(body):
            return int.from_bytes(body[at : at + 2], "big")
        if kind in _SIZES:
            at += _SIZES[kind]
        elif kind == 0x0B:  # a variable byte integer
            at += read_length(body, at)[1] or 4
        else:  # texts: one, or two for a property of the user's
            for _ in range(2 if kind == 0x26 else 1):
                at += 2 + int.from_bytes(body[at : at + 2], "big")
    return None
