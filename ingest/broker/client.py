"""A connection to the broker whose messages are acknowledged after our own work on them.

Why not aiomqtt, which other parts use: the library under it reads byte by byte, wakes for each
packet and writes each acknowledgement by itself, 150 us a packet. Here the socket is read at most
once in some milliseconds, all packets that have come are split at once, and what is said at a time,
acknowledgements and receipts, leaves in one write. Messages wait unacknowledged in an inbox; those
that were not confirmed when the connection ended come again (session of the same client id).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.client import CONNECT_TIMEOUT_S, KEEPALIVE_S
from ecg_monitor.core.mqtt.fields import DISCONNECT, MAX_MID, PINGREQ
from ingest.broker import packets
from ingest.broker.parser import (
    Answer,
    ConnAck,
    Disconnect,
    Parser,
    ProtocolError,
    ReceivedMessage,
    SubAck,
)

MOST_HELD_BYTES = 64 * 1024 * 1024
"""Bytes of messages in the inbox beyond which nothing is read: a hundred of the largest."""
MOST_UNANSWERED = 2
"""Signs of life asked for in vain, two in each keep-alive interval, before the broker counts as
gone: it is noticed after one and a half of the interval."""
CLOSE_S = 1.0
"""Longest wait until what was written last has left, s."""


class LostError(ServiceError):
    """The connection to the broker has ended."""


class SessionTakenError(LostError):
    """Another client has connected with the same client id, and the broker has ended ours."""


class AckingClient(asyncio.Protocol):
    """A connection whose messages are acknowledged by us, after our own work on them.

    Get one from `ingest.broker.session.acking_client`.

    Args:
        inbox_limit: most messages that may wait. The broker sends at most as many as it may have
            in flight, so that only QoS 0 messages can pass the limit; those are dropped and
            counted, since nothing else can hold back their sender.
        version: of MQTT.
        gather_s: tells the least time from a look at the socket that brought so many messages to
            the next, s; what comes after a pause is read at once. None: whatever comes is.

    Attributes:
        version: as given.
        dropped: number of QoS 0 messages dropped since the connection was made.
    """

    def __init__(
        self,
        inbox_limit: int,
        version: packets.Version = "5",
        gather_s: Callable[[int], float] | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.version = version
        self.dropped = 0
        self._limit = inbox_limit
        self._gather_s = gather_s
        self._inbox: deque[ReceivedMessage] = deque()
        self._held_bytes = 0
        self._arrived = asyncio.Event()
        self._parser = Parser(version)
        self._transport: asyncio.Transport | None = None
        self._welcome: asyncio.Future[ConnAck] = self._loop.create_future()
        self._subscribing: dict[int, asyncio.Future[SubAck]] = {}
        self._mid = 0
        self._lost: LostError | None = None
        self._closed = asyncio.Event()
        self._unsent: list[bytes] = []
        self._takes_more = True
        self._reading_at: asyncio.TimerHandle | None = None
        self._unanswered = 0
        self._keepalive_s = float(KEEPALIVE_S)
        self._pinging: asyncio.TimerHandle | None = None

    async def open(self, connect: bytes) -> int:
        """Send CONNECT, and return the code of the answer; 0 is welcome.

        Raises:
            LostError: the connection has ended.
        """
        self._write(connect)
        welcome = await self._welcome
        if not welcome.code:
            self._keepalive_s = welcome.keepalive_s or self._keepalive_s
            self._pinging = self._loop.call_later(self._keepalive_s / 2, self._ping)
        return welcome.code

    async def subscribe(self, *filters: str) -> None:
        """Subscribe with QoS 1.

        Raises:
            LostError: the connection has ended, or the broker does not answer.
            ServiceError: the broker refuses a subscription.
        """
        if self._lost is not None:
            raise self._lost
        mid = self._mid = self._mid % MAX_MID + 1
        self._subscribing[mid] = self._loop.create_future()
        self._write(packets.subscribe(self.version, mid, filters))
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                answer = await self._subscribing[mid]
        except TimeoutError as error:
            raise LostError("the broker does not answer a subscription") from error
        finally:
            del self._subscribing[mid]
        for topic, code in zip(filters, answer.codes, strict=False):
            if code >= 0x80:
                why = packets.reason(code)
                raise ServiceError(f"the broker refuses the subscription to {topic}: {why}")

    async def batch(self, most: int) -> list[ReceivedMessage]:
        """Wait for messages, and return those that are there, in order of arrival.

        Raises:
            LostError: the connection has ended. What was not acknowledged comes again.
        """
        while not self._inbox:
            if self._lost is not None:
                raise self._lost
            self._arrived.clear()
            await self._arrived.wait()
        inbox = self._inbox
        taken = [inbox.popleft() for _ in range(min(most, len(inbox)))]
        was_full = self._is_full
        self._held_bytes -= sum([len(message.payload) for message in taken])
        if was_full and self._reading_at is None:
            self._read_on()
        return taken

    def ack(self, messages: Iterable[ReceivedMessage]) -> None:
        """Acknowledge messages. If the connection is lost meanwhile they come again."""
        self._write(packets.acknowledge([one.mid for one in messages if one.qos]))

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 0: it may get lost, and nothing is waited for.

        While the broker does not read it is thrown away.
        """
        if self._takes_more:
            self._write(packets.publish(self.version, topic, payload))

    async def close(self) -> None:
        """Say goodbye, and close; the broker keeps the session."""
        self._write(DISCONNECT)
        self._flush()
        self._lose(LostError("the connection to the broker was closed"))
        if self._transport is None:
            return
        self._transport.close()
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._closed.wait()
        except TimeoutError:
            self._transport.abort()

    def abort(self) -> None:
        """Drop the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio callback."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # create_connection's promise
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Asyncio callback: split what has come, and look again after a while."""
        self._unanswered = 0
        if self._lost is not None:
            return
        answers = self._parser.feed(data, time.time(), time.monotonic())
        for answer in answers:
            if type(answer) is ReceivedMessage:
                self._take(answer)
            else:
                self._hear(answer)
        if self._inbox:
            self._arrived.set()
        if self._gather_s is not None or self._is_full:
            self._rest(self._gather_s(len(answers)) if self._gather_s is not None else 0.0)

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio callback."""
        self._lose(LostError(f"the connection to the broker was lost: {exc or 'closed'}"))
        self._closed.set()

    def pause_writing(self) -> None:
        """Asyncio callback: the broker does not read."""
        self._takes_more = False

    def resume_writing(self) -> None:
        """Asyncio callback: the broker reads on."""
        self._takes_more = True

    @property
    def unsent_bytes(self) -> int:
        """How much the broker has not read yet."""
        waiting = sum(map(len, self._unsent))
        return waiting + (self._transport.get_write_buffer_size() if self._transport else 0)

    @property
    def _is_full(self) -> bool:
        return self._held_bytes > MOST_HELD_BYTES

    def _take(self, message: ReceivedMessage) -> None:
        if message.qos == 0 and len(self._inbox) >= self._limit:
            self.dropped += 1
            return
        self._inbox.append(message)
        self._held_bytes += len(message.payload)

    def _hear(self, answer: Answer) -> None:
        if isinstance(answer, ConnAck) and not self._welcome.done():
            self._welcome.set_result(answer)
        elif isinstance(answer, SubAck):
            waiting = self._subscribing.get(answer.mid)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)
        elif isinstance(answer, Disconnect):
            kind = SessionTakenError if answer.code == packets.SESSION_TAKEN else LostError
            why = packets.reason(answer.code)
            self._lose(kind(f"the connection to the broker was lost: {why}"))
            self.abort()
        elif isinstance(answer, ProtocolError):
            self._lose(LostError(f"the connection to the broker was given up: it sends {answer}"))
            self.abort()

    def _rest(self, pause_s: float) -> None:
        """Leave what comes in the socket for a while, and for longer while the inbox is full."""
        if self._transport is not None and self._reading_at is None:
            self._transport.pause_reading()
            self._reading_at = self._loop.call_later(pause_s, self._read_on)

    def _read_on(self) -> None:
        self._reading_at = None
        if self._transport is not None and not self._is_full:
            self._transport.resume_reading()

    def _write(self, data: bytes) -> None:
        """Send bytes, with all else that is said before the loop goes on, in one write.

        Nothing happens when the connection is gone.
        """
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(data)

    def _flush(self) -> None:
        data = b"".join(self._unsent)
        self._unsent.clear()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _lose(self, error: LostError) -> None:
        """Note why the connection has ended; the first reason counts."""
        if self._lost is not None:
            return
        self._lost = error
        self._arrived.set()
        for timer in (self._reading_at, self._pinging):
            if timer is not None:
                timer.cancel()
        awaited: list[asyncio.Future[Any]] = [self._welcome, *self._subscribing.values()]
        for waiting in awaited:
            if not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # asyncio logs those that nobody has read

    def _ping(self) -> None:
        """Ask for a sign of life; drop the connection when the broker has fallen silent."""
        if self._lost is not None:
            return
        if self._unanswered >= MOST_UNANSWERED and not self._is_full:
            self._lose(LostError("the connection to the broker was lost: it has fallen silent"))
            self.abort()
            return
        self._unanswered += 1
        self._write(PINGREQ)
        self._pinging = self._loop.call_later(self._keepalive_s / 2, self._ping)
