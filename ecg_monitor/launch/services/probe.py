"""Asks a service whether it answers and lets us in, before anything is built on it."""

from __future__ import annotations

import socket
import ssl

import redis
import redis.exceptions

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import fields
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
            hello = fields.connect(
                "",
                keepalive_s=10,
                username=broker.username,
                password=broker.password,
                flags=fields.CLEAN_SESSION,
            )
            connection.sendall(hello)
            answer = _read(connection, 4)
            connection.sendall(fields.DISCONNECT)
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


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            break
        data += chunk
    return data
