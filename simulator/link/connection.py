"""One device's MQTT connection on an asyncio transport.

Why not aiomqtt, which the other parts use: each device has a last will, hence a connection of its
own, and there are hundreds in one process. Measured with 200 devices at 4 packets/s: aiomqtt takes
14 % of a core (170 us a message, timers included), this 6 % (77 us). A device must also be able to
vanish without a DISCONNECT, to know which messages are unacknowledged, and to keep many in flight
without a task for each; here each is a line.

Limitations: MQTT 3.1.1, clean sessions; the device keeps what is unacknowledged, and hears nothing
but its receipts, with QoS 0.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import BrokerUrl
from simulator.link import mqtt_codec as mqtt

CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_S, KEEPALIVE_SEVERAL_S = 15, 4
"""Keep-alive interval, s; and of a device that has another broker to go to. One that is silent for
one and a half of it is given up."""
_BUFFER = memoryview(bytearray(1 << 16))
"""What has been received lies here, of whichever connection, until its callback is over: asyncio's
own buffers are so large that each is a request to the operating system."""


class RefusedError(ServiceError):
    """The broker does not let us in; trying again would not help."""


class Link(asyncio.BufferedProtocol):
    """A connection that publishes. Make one with `open_link`.

    Attributes:
        closed: done when the connection is gone, for whatever reason.
        writable: False while the socket cannot take more.
    """

    def __init__(
        self,
        on_acks: Callable[[Sequence[int]], None],
        on_ready: Callable[[], None],
        on_message: Callable[[bytes], None],
        keepalive_s: int = KEEPALIVE_S,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.writable = False
        self._welcome: asyncio.Future[int] = loop.create_future()
        self._on_acks = on_acks
        self._on_ready = on_ready
        self._on_message = on_message
        self._keepalive_s = keepalive_s
        self._parser = mqtt.Parser()
        self._transport: asyncio.Transport | None = None
        self._heard = self._wrote = time.monotonic()
        self._pinger: asyncio.TimerHandle | None = None

    async def handshake(self, connect_packet: bytes) -> None:
        """Send CONNECT and wait until the broker welcomes us.

        Raises:
            RefusedError: it does not.
            ConnectionError: the connection was lost before.
        """
        self.write(connect_packet)
        code = await self._welcome
        if code == 3:
            raise ConnectionError(f"the broker says: {mqtt.REFUSALS[code]}")
        if code:
            raise RefusedError(f"the broker refuses a device: {mqtt.REFUSALS.get(code, code)}")
        self.writable = True
        self._ping()

    def write(self, data: bytes) -> None:
        """Send bytes; nothing happens when the connection is gone."""
        if self._transport is not None and not self._transport.is_closing():
            self._wrote = time.monotonic()
            self._transport.write(data)

    def vanish(self) -> None:
        """Drop the connection without a word: the broker publishes the last will."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Say goodbye, send what is buffered, and close: the broker discards the last will."""
        self.write(mqtt.DISCONNECT)
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio callback."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # create_connection's promise
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  (asyncio names it)
        """Asyncio callback."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Asyncio callback."""
        self._heard = time.monotonic()
        data = bytes(_BUFFER[:nbytes])
        mids = self._parser.acks(data)
        if mids is not None:
            self._on_acks(mids)
            return
        try:
            for answer in self._parser.feed(data):
                if isinstance(answer, mqtt.PubAck):
                    self._on_acks([answer.mid])
                elif isinstance(answer, mqtt.Delivery):
                    self._on_message(answer.payload)
                elif isinstance(answer, mqtt.ConnAck) and not self._welcome.done():
                    self._welcome.set_result(answer.code)
        except ServiceError as error:
            self._fail(error)
            return
        self._on_ready()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio callback."""
        self._fail(exc or ConnectionResetError("the broker closed the connection"))
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """Asyncio callback: the socket is full."""
        self.writable = False

    def resume_writing(self) -> None:
        """Asyncio callback: the socket takes more."""
        self.writable = True
        self._on_ready()

    def _fail(self, error: Exception) -> None:
        self.writable = False
        if self._pinger is not None:
            self._pinger.cancel()
        if not self._welcome.done():
            self._welcome.set_exception(error)
        self.vanish()

    def _ping(self) -> None:
        """Keep the connection alive, and drop it when the broker has fallen silent."""
        now = time.monotonic()
        if now - self._heard > 1.5 * self._keepalive_s:
            self.vanish()
            return
        if now - self._wrote > self._keepalive_s / 4:  # a packet says as well that it is there
            self.write(mqtt.PINGREQ)
        self._pinger = asyncio.get_running_loop().call_later(self._keepalive_s / 2, self._ping)


async def open_link(
    broker: BrokerUrl,
    client_id: str,
    *,
    will_topic: str,
    will_payload: bytes,
    on_acks: Callable[[Sequence[int]], None],
    on_ready: Callable[[], None],
    on_message: Callable[[bytes], None],
    keepalive_s: int = KEEPALIVE_S,
) -> Link:
    """Connect a device.

    Args:
        broker: where to.
        client_id: MQTT client id.
        will_topic: topic of the retained last will.
        will_payload: its content.
        on_acks: called with the ids of messages that have been acknowledged.
        on_ready: called when the socket takes more, and now and then.
        on_message: called with the payload of what was subscribed to.
        keepalive_s: keep-alive interval, s.

    Raises:
        RefusedError: the broker does not let us in.
        OSError: it cannot be reached (also `ConnectionError`, `TimeoutError`).
    """
    loop = asyncio.get_running_loop()
    packet = mqtt.connect(
        client_id,
        will_topic=will_topic,
        will_payload=will_payload,
        keepalive_s=keepalive_s,
        username=broker.username,
        password=broker.password,
    )
    link: Link | None = None
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, link = await loop.create_connection(
                lambda: Link(on_acks, on_ready, on_message, keepalive_s),
                broker.host,
                broker.port,
                ssl=ssl.create_default_context() if broker.tls else None,
            )
            await link.handshake(packet)
    except BaseException:
        if link is not None:
            link.vanish()
        raise
    return link
