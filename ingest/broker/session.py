"""Connects to the broker with a session that outlives the connection, over MQTT 5 or 3.1.1."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable

from ecg_monitor.core.mqtt.client import (
    CONNECT_TIMEOUT_S,
    KEEPALIVE_S,
    UnreachableError,
    refusal,
    unreachable,
)
from ecg_monitor.core.mqtt.fields import DENIED
from ecg_monitor.core.mqtt.url import BrokerUrl, parse_url
from ecg_monitor.core.tls import client_context
from ingest.broker import packets
from ingest.broker.client import AckingClient, LostError

MQTT5_TIMEOUT_S = 2.0
"""Time limit of an MQTT 5 handshake, s: a broker of MQTT 3.1.1 may just stay silent."""

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def acking_client(
    url: str,
    *,
    identifier: str,
    in_flight: int,
    fall_back: bool = True,
    gather_s: Callable[[int], float] | None = None,
) -> AsyncIterator[AckingClient]:
    """Connect with a session that outlives the connection, and acknowledge by hand.

    Speaks MQTT 5, which lets us bound the messages in flight, or 3.1.1 with a broker that knows
    no better; there the broker's own bound holds.

    Args:
        url: see `parse_url`.
        identifier: client id: names the session, so no two clients may share it.
        in_flight: most messages that the broker may send before the first is acknowledged.
        fall_back: try 3.1.1 where 5 gets no answer; not for a broker that has spoken 5 before.
        gather_s: see `AckingClient`.

    Raises:
        ServiceError: the broker cannot be reached or refuses us.
        LostError: the connection was lost later, inside the ``async with`` block.
    """
    broker = parse_url(url)
    try:
        client = await _connect(broker, "5", identifier, in_flight, gather_s)
    except UnreachableError as error:
        if not fall_back or nobody_listens(error):
            raise
        _log.info("%s; trying MQTT 3.1.1", error)
        client = await _connect(broker, "3.1.1", identifier, in_flight, gather_s)
    try:
        yield client
    finally:
        await client.close()


def nobody_listens(error: BaseException) -> bool:
    """Return whether the connection was refused at the port: no version of MQTT would help."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ConnectionRefusedError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def connect_packet(
    broker: BrokerUrl, version: packets.Version, identifier: str, in_flight: int
) -> bytes:
    """Return the CONNECT of a session; arguments as of `acking_client`."""
    return packets.connect(
        version,
        identifier,
        in_flight=in_flight,
        keepalive_s=KEEPALIVE_S,
        username=broker.username,
        password=broker.password,
    )


async def _connect(
    broker: BrokerUrl,
    version: packets.Version,
    identifier: str,
    in_flight: int,
    gather_s: Callable[[int], float] | None,
) -> AckingClient:
    loop = asyncio.get_running_loop()
    client = AckingClient(2 * in_flight, version, gather_s)
    try:
        async with asyncio.timeout(MQTT5_TIMEOUT_S if version == "5" else CONNECT_TIMEOUT_S):
            await loop.create_connection(
                lambda: client,
                sock=await _reach(broker),
                ssl=client_context() if broker.tls else None,
                server_hostname=broker.host if broker.tls else None,
            )
            code = await client.open(connect_packet(broker, version, identifier, in_flight))
    except TimeoutError as error:
        client.abort()
        raise unreachable(broker, error, "it does not answer") from error
    except (OSError, LostError) as error:
        client.abort()
        raise unreachable(broker, error) from error
    except BaseException:
        client.abort()
        raise
    if code:
        client.abort()
        raise refusal(broker, packets.reason(code), denied=code in DENIED)
    return client


async def _reach(broker: BrokerUrl) -> socket.socket:
    """Return a socket that is connected to the first address of a broker that can be reached.

    Raises:
        OSError: none can; the error is that of the last one.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
    last: OSError | None = None
    for family, kind, protocol, _, address in found:
        one = socket.socket(family, kind, protocol)
        try:
            one.setblocking(False)
            await loop.sock_connect(one, address)
        except OSError as error:
            one.close()
            last = error
        except BaseException:
            one.close()
            raise
        else:
            return one
    raise last or OSError("the name has no address")
