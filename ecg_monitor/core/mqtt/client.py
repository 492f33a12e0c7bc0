"""MQTT connections of whoever publishes, or hears a little.

Ingest, which takes in whole wards and acknowledges late, has a client of its own
(`ingest.broker`).

Limitations:
    How a connection ends is read from aiomqtt's own future, and closing one that came to nothing
    reaches through it to the paho client that it wraps. Both are private to aiomqtt; this is the
    only module that touches them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.fields import DENIED
from ecg_monitor.core.mqtt.url import BrokerUrl, parse_url
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.core.tls import client_context, tls_problem

__all__ = ["BrokerUrl", "connect", "parse_url"]

CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_S = 15
"""Keep-alive interval, s: a peer that vanishes is noticed after one and a half of it."""
BACKOFF_FIRST_S = 0.2
BACKOFF_MOST_S = 5.0


@contextlib.asynccontextmanager
async def connect(
    url: str,
    *,
    identifier: str | None = None,
    will: aiomqtt.Will | None = None,
    patience_s: float = 0.0,
    **options: Any,
) -> AsyncIterator[aiomqtt.Client]:
    """Connect with MQTT 3.1.1, which every broker speaks, and a clean session.

    Args:
        url: see `parse_url`.
        identifier: client id; None for a random one.
        will: message that the broker publishes if we vanish.
        patience_s: how long to retry while the broker cannot be reached, s.
        options: passed on to `aiomqtt.Client`.

    Raises:
        ServiceError: the broker refuses us (at once), or cannot be reached (after ``patience_s``).
        aiomqtt.MqttError: the connection was lost later, inside the ``async with`` block.
    """
    broker = parse_url(url)
    async with contextlib.AsyncExitStack() as stack:
        deadline = time.monotonic() + patience_s
        backoff = Backoff(BACKOFF_FIRST_S, BACKOFF_MOST_S)
        while True:
            client = _make_client(broker, identifier=identifier, will=will, **options)
            try:
                await _enter(stack, client, broker)
                break
            except UnreachableError:
                pause_s = backoff.next_s()
                if time.monotonic() + pause_s > deadline:
                    raise
            await asyncio.sleep(pause_s)
        yield client


class UnreachableError(ServiceError):
    """The broker does not answer now; it may later."""


def _make_client(broker: BrokerUrl, **options: Any) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_context=client_context() if broker.tls else None,
        protocol=aiomqtt.ProtocolVersion.V311,
        keepalive=options.pop("keepalive", KEEPALIVE_S),
        timeout=CONNECT_TIMEOUT_S,
        **options,
    )


async def _enter(
    stack: contextlib.AsyncExitStack, client: aiomqtt.Client, broker: BrokerUrl
) -> None:
    try:
        await _open(stack, client)
    except MqttConnectError as error:
        code = error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", None)
        raise refusal(broker, str(error), denied=code in DENIED) from error
    except aiomqtt.MqttError as error:
        raise unreachable(broker, error) from error


def refusal(broker: BrokerUrl, why: str, *, denied: bool) -> ServiceError:
    """Return the error for a broker that does not let us in.

    Args:
        broker: which.
        why: what it says.
        denied: it refuses the user or password; else it may let us in later.
    """
    if denied:
        return ServiceError(
            f"the MQTT broker {broker} refuses the user or password in ECG_MQTT_URL ({why})"
        )
    return UnreachableError(f"the MQTT broker {broker} refuses us: {why}")


def unreachable(
    broker: BrokerUrl, error: BaseException, why: str | None = None
) -> UnreachableError:
    """Return the error for a broker that cannot be reached, in words that help.

    Args:
        broker: which.
        error: what happened.
        why: words for it; None: its own.
    """
    security = "with TLS" if broker.tls else "without TLS"
    reason = tls_problem(error) or f"{why or error}; does one listen there, {security}?"
    return UnreachableError(f"cannot reach the MQTT broker {broker} (ECG_MQTT_URL): {reason}")


async def _open(stack: contextlib.AsyncExitStack, client: aiomqtt.Client) -> None:
    """Connect; what comes to nothing, or is cancelled meanwhile, leaves no socket behind.

    aiomqtt leaves it to the garbage collector, which may come when the event loop is closed: paho
    would then fail to notify it of the end.
    """
    _hear_ends(client)
    try:
        await stack.enter_async_context(client)
        _hear_ends(client)  # of the futures that it has made anew
    except BaseException:
        connection = client._client
        connection.on_socket_open = None  # a thread may still be connecting
        await asyncio.sleep(0)  # what it has asked of the loop by now is done
        connection._reset_sockets()
        connection.on_socket_close = None
        raise


def _hear_ends(client: aiomqtt.Client) -> None:
    """Take note of how the connection ends, should nobody else ask.

    Whoever only publishes learns of a lost connection at the next message. If it is stopped before,
    nobody has asked aiomqtt's future for its error, which asyncio then logs as a defect.
    """
    for end in (client._connected, client._disconnected):
        end.add_done_callback(lambda future: None if future.cancelled() else future.exception())
