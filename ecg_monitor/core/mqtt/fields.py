"""The fields that MQTT packets are made of, and what is the same in every version; no I/O.

Sources: MQTT 3.1.1 (2014) and MQTT 5.0 (2019), OASIS Standards; sections are those of 5.0.
"""

from __future__ import annotations

from ecg_monitor.core.errors import ServiceError

PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"
MAX_MID = 65_535
CLEAN_SESSION = 0x02
"""Flag of CONNECT: nothing is kept of or for the client (3.1.2.4)."""
WILL, WILL_QOS_1, WILL_RETAIN = 0x04, 0x08, 0x20
"""Flags of CONNECT: it holds a will (3.1.2.5), sent with QoS 1 (3.1.2.6), retained (3.1.2.7)."""
_PASSWORD, _USERNAME = 0x40, 0x80
"""Flags of CONNECT: it holds a password (3.1.2.9), a user name (3.1.2.8)."""
DENIED = frozenset({4, 5, 0x86, 0x87})
"""Codes of CONNACK for a wrong user or password, and for who is not authorised: those of 3.1.1
(3.2.2.3 there), then those of 5.0 (3.2.2.2)."""


def connect(
    client_id: str,
    *,
    keepalive_s: int,
    username: str | None = None,
    password: str | None = None,
    level: int = 4,
    flags: int = 0,
    properties: bytes = b"",
    will: bytes = b"",
) -> bytes:
    """Encode CONNECT (3.1).

    Args:
        client_id: names the session; if it is empty, the broker makes one up.
        keepalive_s: longest silence of the client, s.
        username: user, or None.
        password: password, or None; 3.1.1 knows none without a user.
        level: 4 for 3.1.1, 5 for 5.0.
        flags: those of the session and of the will (3.1.2.3).
        properties: encoded, their length first; 3.1.1 has none.
        will: its encoded fields, where the flags say that there is one.
    """
    tail = text(client_id) + will
    if username is not None:
        flags |= _USERNAME
        tail += text(username)
    if password is not None and (username is not None or level > 4):
        flags |= _PASSWORD
        tail += text(password)
    head = text("MQTT") + bytes((level, flags)) + keepalive_s.to_bytes(2, "big")
    return packet(0x10, head + properties + tail)


def text(value: str) -> bytes:
    """Encode a UTF-8 string (1.5.4)."""
    return binary(value.encode())


def binary(data: bytes) -> bytes:
    """Encode binary data of up to 65535 bytes (1.5.6)."""
    return len(data).to_bytes(2, "big") + data


def packet(first: int, body: bytes) -> bytes:
    """Encode a packet of a first byte, type and flags, and all that follows its length (2.1)."""
    return bytes((first,)) + length(len(body)) + body


def length(value: int) -> bytes:
    """Encode a variable byte integer: seven bits a byte, lowest first (1.5.5)."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_length(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Return a variable byte integer and how many bytes it takes; 0 bytes: it is not all there.

    Raises:
        ServiceError: it has more than four bytes.
    """
    value = 0
    for width in range(1, 5):
        if at + width > len(data):
            return 0, 0
        byte = data[at + width - 1]
        value |= (byte & 127) << 7 * (width - 1)
        if byte < 128:
            return value, width
    raise ServiceError("unexpected answer of the broker (a length of more than four bytes)")
