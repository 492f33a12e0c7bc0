"""MQTT connections, and messages that are acknowledged only after our own work on them.

aiomqtt acknowledges a message when it arrives. Whoever must first write it somewhere safe takes
an `AckingClient`: its messages wait unacknowledged in an inbox, `AckingClient.ack` confirms them,
and those that were not confirmed when the connection ended come again (session of the same
client id).

Limitations:
    Manual acknowledgement reaches through aiomqtt to the paho client that it wraps, and the end
    of the connection is read from aiomqtt's own future. Both are private to aiomqtt, as is the
    closing of a connection that came to nothing; this is the only module that touches them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, cast

import aiomqtt
import paho.mqtt.client as paho
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import BrokerUrl, parse_url
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.core.tls import client_context, tls_problem

__all__ = ["AckingClient", "BrokerUrl", "ReceivedMessage", "acking_client", "connect", "parse_url"]

CONNECT_TIMEOUT_S = 5.0
MQTT5_TIMEOUT_S = 2.0
"""Time limit of an MQTT 5 handshake, s: a broker of MQTT 3.1.1 may just stay silent."""
KEEPALIVE_S = 15
"""Keep-alive interval, s: a peer that vanishes is noticed after one and a half of it."""
LOOK_S = 1.0
"""How often it is looked whether the connection is still there, s."""
SESSION_EXPIRY_S = 24 * 3600
"""How long the broker keeps messages for a client that is away (MQTT 5), s."""
BACKOFF_FIRST_S = 0.2
BACKOFF_MOST_S = 5.0

_DENIED = {4, 5, 134, 135}
"""Wrong user or password, not authorised: CONNACK codes of MQTT 3.1.1 and of MQTT 5."""

_SESSION_TAKEN = 0x8E
"""Another client has connected with our client id: reason of a DISCONNECT (MQTT 5, 3.14.2.1)."""

_log = logging.getLogger(__name__)

Version = Literal["3.1.1", "5"]


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message that waits for its acknowledgement.

    Attributes:
        topic: topic it was published on.
        payload: content.
        qos: quality of service of the delivery; 0 cannot be acknowledged.
        mid: packet id, for the acknowledgement.
        arrival: Unix time of its arrival here, s.
        clock: monotonic time of its arrival, s.
        retained: the broker had kept it from before we subscribed.
    """

    topic: str
    payload: bytes
    qos: int
    mid: int
    arrival: float
    clock: float
    retained: bool = False


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
            client = _make_client(broker, "3.1.1", identifier=identifier, will=will, **options)
            try:
                await _enter(stack, client, broker)
                break
            except UnreachableError:
                pause_s = backoff.next_s()
                if time.monotonic() + pause_s > deadline:
                    raise
            await asyncio.sleep(pause_s)
        yield client


class SessionTakenError(aiomqtt.MqttError):
    """Another client has connected with the same client id, and the broker has ended ours."""


class UnreachableError(ServiceError):
    """The broker does not answer now; it may later."""


class AckingClient:
    """A connection whose messages are acknowledged by us, after our own work on them.

    Get one from `acking_client`.

    Args:
        inbox_limit: most messages that may wait. The broker sends at most as many as it may have
            in flight, so that only QoS 0 messages can pass the limit; those are dropped and
            counted, since nothing else can hold back their sender.
        version: of MQTT.

    Attributes:
        version: as given.
        dropped: number of QoS 0 messages dropped since the connection was made.
    """

    def __init__(self, inbox_limit: int, version: Version = "5") -> None:
        self.dropped = 0
        self.version = version
        self._limit = inbox_limit
        self._inbox: deque[ReceivedMessage] = deque()
        self._arrived = asyncio.Event()
        self._client: aiomqtt.Client | None = None

    async def subscribe(self, topic: str) -> None:
        """Subscribe with QoS 1.

        Raises:
            aiomqtt.MqttError: the connection is lost.
            ServiceError: the broker refuses the subscription.
        """
        codes = await self._connection.subscribe(topic, qos=1)
        for code in codes:
            value = code if isinstance(code, int) else code.value
            if value >= 0x80:
                raise ServiceError(f"the broker refuses the subscription to {topic}: {code}")

    async def batch(self, most: int) -> list[ReceivedMessage]:
        """Wait for messages, and return those that are there, in order of arrival.

        Raises:
            aiomqtt.MqttError: the connection is lost. What was not acknowledged comes again.
        """
        while not self._inbox:
            self._arrived.clear()
            await self._wait()
        return [self._inbox.popleft() for _ in range(min(most, len(self._inbox)))]

    def ack(self, messages: list[ReceivedMessage]) -> None:
        """Acknowledge messages. If the connection is lost meanwhile they come again."""
        client = self._paho
        for message in messages:
            if message.qos:
                client.ack(message.mid, message.qos)

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 0: it may get lost, and nothing is waited for."""
        self._paho.publish(topic, payload, qos=0)

    def bind(self, client: aiomqtt.Client) -> None:
        """Take over the messages of a client that is not connected yet."""
        self._client = client
        self._paho.manual_ack_set(True)
        self._paho.on_message = self._on_message

    @property
    def _connection(self) -> aiomqtt.Client:
        if self._client is None:
            raise RuntimeError("not bound to a client")
        return self._client

    @property
    def _paho(self) -> paho.Client:
        return self._connection._client

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        """Put a message into the inbox; paho calls this in the event loop."""
        if message.qos == 0 and len(self._inbox) >= self._limit:
            self.dropped += 1
            return
        self._inbox.append(
            ReceivedMessage(
                message.topic,
                cast(bytes, message.payload),
                message.qos,
                message.mid,
                time.time(),
                time.monotonic(),
                bool(message.retain),
            )
        )
        self._arrived.set()

    async def _wait(self) -> None:
        """Wait until something arrived, or raise if the connection ends first."""
        lost = self._connection._disconnected
        lost.add_done_callback(self._wake)
        try:
            while not (self._arrived.is_set() or lost.done()):
                # aiomqtt forgets an end that comes with the welcome.
                if self._paho.socket() is None:
                    raise _why_lost(None)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._arrived.wait()
        finally:
            lost.remove_done_callback(self._wake)
        if lost.done() and not self._inbox:
            raise _why_lost(lost.exception())

    def _wake(self, _lost: asyncio.Future[Any]) -> None:
        self._arrived.set()


def _why_lost(error: BaseException | None) -> aiomqtt.MqttError:
    """Return the error for a connection that has ended; MQTT 5 brokers say why."""
    reason = getattr(error, "rc", None)
    why = f"the connection to the broker was lost: {reason or 'closed'}"
    taken = getattr(reason, "value", None) == _SESSION_TAKEN
    made = (SessionTakenError if taken else aiomqtt.MqttError)(why)
    made.__cause__ = error
    return made


@contextlib.asynccontextmanager
async def acking_client(
    url: str, *, identifier: str, in_flight: int, fall_back: bool = True
) -> AsyncIterator[AckingClient]:
    """Connect with a session that outlives the connection, and acknowledge by hand.

    Speaks MQTT 5, which lets us bound the messages in flight, or 3.1.1 with a broker that knows
    no better; there the broker's own bound holds.

    Args:
        url: see `parse_url`.
        identifier: client id: names the session, so no two clients may share it.
        in_flight: most messages that the broker may send before the first is acknowledged.
        fall_back: try 3.1.1 where 5 gets no answer; not for a broker that has spoken 5 before.

    Raises:
        ServiceError: the broker cannot be reached or refuses us.
        aiomqtt.MqttError: the connection was lost later, inside the ``async with`` block.
    """
    broker = parse_url(url)
    async with contextlib.AsyncExitStack() as stack:
        try:
            client = await _connect_acking(stack, broker, "5", identifier, in_flight)
        except UnreachableError as error:
            if not fall_back or nobody_listens(error):
                raise
            _log.info("%s; trying MQTT 3.1.1", error)
            client = await _connect_acking(stack, broker, "3.1.1", identifier, in_flight)
        yield client


def nobody_listens(error: BaseException) -> bool:
    """Return whether the connection was refused at the port: no version of MQTT would help."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ConnectionRefusedError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


async def _connect_acking(
    stack: contextlib.AsyncExitStack,
    broker: BrokerUrl,
    version: Version,
    identifier: str,
    in_flight: int,
) -> AckingClient:
    options: dict[str, Any] = {"clean_session": False}
    if version == "5":
        options = {
            "clean_start": False,
            "properties": session_properties(in_flight),
            "timeout": MQTT5_TIMEOUT_S,
        }
    client = _make_client(broker, version, identifier=identifier, **options)
    acking = AckingClient(inbox_limit=2 * in_flight, version=version)
    acking.bind(client)
    await _enter(stack, client, broker)
    return acking


def session_properties(in_flight: int) -> Properties:
    """Return the properties of a CONNECT (MQTT 5) whose session outlives the connection.

    Args:
        in_flight: most messages that the broker may send before the first is acknowledged.
    """
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_EXPIRY_S
    properties.ReceiveMaximum = in_flight
    return properties


def _make_client(broker: BrokerUrl, version: Version, **options: Any) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_context=client_context() if broker.tls else None,
        protocol=aiomqtt.ProtocolVersion.V5 if version == "5" else aiomqtt.ProtocolVersion.V311,
        keepalive=options.pop("keepalive", KEEPALIVE_S),
        timeout=options.pop("timeout", CONNECT_TIMEOUT_S),
        **options,
    )


async def _enter(
    stack: contextlib.AsyncExitStack, client: aiomqtt.Client, broker: BrokerUrl
) -> None:
    try:
        await _open(stack, client)
    except MqttConnectError as error:
        code = error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", None)
        if code in _DENIED:
            raise ServiceError(
                f"the MQTT broker {broker} refuses the user or password in ECG_MQTT_URL ({error})"
            ) from error
        raise UnreachableError(f"the MQTT broker {broker} refuses us: {error}") from error
    except aiomqtt.MqttError as error:
        security = "with TLS" if broker.tls else "without TLS"
        reason = tls_problem(error) or f"{error}; does one listen there, {security}?"
        raise UnreachableError(
            f"cannot reach the MQTT broker {broker} (ECG_MQTT_URL): {reason}"
        ) from error


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
