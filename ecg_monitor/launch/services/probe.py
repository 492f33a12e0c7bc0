"""Asks a service whether it answers and lets us in, before anything is built on it."""

from __future__ import annotations

import socket
import ssl
import struct

import redis
import redis.exceptions

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import BrokerUrl, parse_url
from ecg_monitor.core.tls import tls_problem

TIMEOUT_S = 3.0

_CONNACK = 0x20
_REFUSALS = {
    1: "does not speak MQTT 3.1.1",
    2: "refuses the client id",
    3: "says that it is not available",
    4: "refuses the user or password",
    5: "does not authorise this user",
}
"""CONNACK return codes, MQTT 3.1.1, table 3.1."""


def probe_redis(url: str) -> None:
    """Make sure that the Redis server answers.

    Raises:
        ServiceError: it does not, or it refuses the password.
    """
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S
        ) as client:
            client.dbsize()  # PING is refused by one that cannot write its file
    except ValueError as error:
        raise ServiceError(f"ECG_REDIS_URL: {error}") from error
    except redis.exceptions.AuthenticationError as error:
        raise ServiceError(
            f"Redis refuses the user or password in ECG_REDIS_URL: {error}"
        ) from error
    except redis.exceptions.RedisError as error:
        raise ServiceError(
            f"cannot reach Redis (ECG_REDIS_URL): {tls_problem(error) or error}"
        ) from error


def probe_mqtt(url: str) -> None:
    """Make sure that the broker answers.

    Speaks the two packets itself: CONNECT of MQTT 3.1.1, which every broker knows, and DISCONNECT.

    Raises:
        ServiceError: it does not, or it refuses the password.
    """
    broker = parse_url(url)
    try:
        with _dial(broker) as connection:
            connection.sendall(_connect_packet(broker))
            answer = _read(connection, 4)
            connection.sendall(b"\xe0\x00")
    except OSError as error:
        raise ServiceError(
            f"cannot reach the MQTT broker {broker} (ECG_MQTT_URL): {tls_problem(error) or error}"
        ) from error
    if len(answer) < 4 or answer[0] != _CONNACK:
        raise ServiceError(f"{broker} (ECG_MQTT_URL) answers, but is no MQTT broker")
    if answer[3] != 0:
        problem = _REFUSALS.get(answer[3], f"refuses us with code {answer[3]}")
        raise ServiceError(f"the MQTT broker {broker} {problem} (ECG_MQTT_URL)")


def _dial(broker: BrokerUrl) -> socket.socket:
    connection = socket.create_connection((broker.host, broker.port), TIMEOUT_S)
    if not broker.tls:
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=broker.host)


def _connect_packet(broker: BrokerUrl) -> bytes:
    clean_session, has_user, has_password = 0x02, 0x80, 0x40
    flags = clean_session
    body = _text("")  # an empty client id: the broker makes one up
    if broker.username is not None:
        flags |= has_user
        body += _text(broker.username)
        if broker.password is not None:
            flags |= has_password
            body += _text(broker.password)
    content = _text("MQTT") + struct.pack(">BBH", 4, flags, 10) + body
    return b"\x10" + _length(len(content)) + content


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def _length(number: int) -> bytes:
    """Encode a remaining length: seven bits a byte, lowest first (MQTT 3.1.1, 2.2.3)."""
    out = bytearray()
    while True:
        number, byte = divmod(number, 128)
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            break
        data += chunk
    return data
