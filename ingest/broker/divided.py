"""Messages of one connection, divided among several: who is held up holds up no other.

The broker sends no more than so many messages that are not acknowledged. Of a part that is held up
(its server is away) only a share of them stays so: what is older is acknowledged and kept here, in
order, so that messages of the others have room. It is lost if this process dies meanwhile, and what
comes beyond `MOST_KEPT` lets the oldest go; both are gone as far as nobody sends them again. A part
that is slow, and not held up, makes all wait, and the broker keep: nothing is acknowledged for it.

Acknowledgements then come in another order than their messages (MQTT 5, 4.6, asks clients for the
same order; brokers look for the packet id). A broker that sends fewer at a time than a share is
found by its silence.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from ecg_monitor.core.mqtt.client import AckingClient, ReceivedMessage

MOST_KEPT = 100_000
"""Messages of a part that are kept here, acknowledged: some 150 MB; 100 s of 500 devices that send
twice a second."""
SILENT_S = 0.3
"""A broker that sends nothing for so long, s, while a part is held up, may wait for that part."""
LOOK_S = 0.05
"""How often it is looked whether a part is held up, s."""
MOST_AT_ONCE = 256

T = TypeVar("T")


@dataclass(slots=True)
class _Message:
    message: ReceivedMessage
    acknowledged: bool = False


class Part:
    """The messages of one who takes them; to them it is like the whole connection.

    Attributes:
        let_go: messages that were acknowledged and never taken.
    """

    def __init__(self, divider: Divider) -> None:
        self.let_go = 0
        self._divider = divider
        self._waiting: deque[_Message] = deque()
        self._taken: deque[_Message] = deque()
        self._open: deque[_Message] = deque()
        self._arrived = asyncio.Event()

    @property
    def unacknowledged(self) -> int:
        """Messages that the broker holds."""
        return len(self._open)

    @property
    def kept(self) -> int:
        """Messages that are here alone: the broker has its acknowledgement."""
        return len(self._taken) + len(self._waiting) - len(self._open)

    async def batch(self, most: int) -> list[ReceivedMessage]:
        """Wait for messages, and return those that are there, in order of arrival."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        found = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._taken += found
        return [one.message for one in found]

    def ack(self, messages: list[ReceivedMessage]) -> None:
        """Acknowledge the first of those that were taken."""
        done = [self._taken.popleft() for _ in messages]
        self._acknowledge(sum(not one.acknowledged for one in done))

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 0."""
        self._divider.client.publish(topic, payload)

    def put(self, message: ReceivedMessage) -> None:
        """Take a message of this part."""
        one = _Message(message)
        self._waiting.append(one)
        self._open.append(one)
        self._arrived.set()

    def ease(self, unacknowledged: int) -> None:
        """Acknowledge the oldest messages, so that no more than so many are not."""
        self._acknowledge(max(0, len(self._open) - unacknowledged))
        while len(self._waiting) > MOST_KEPT and self._waiting[0].acknowledged:
            self._waiting.popleft()
            self.let_go += 1

    def begin_anew(self) -> None:
        """Forget what comes again on a new connection: all that was not acknowledged."""
        self._waiting = deque(one for one in (*self._taken, *self._waiting) if one.acknowledged)
        self._taken.clear()
        self._open.clear()
        if self._waiting:
            self._arrived.set()

    def _acknowledge(self, count: int) -> None:
        """Acknowledge the oldest so many that are not: those that were taken come first."""
        if not count:
            return
        some = [self._open.popleft() for _ in range(count)]
        for one in some:
            one.acknowledged = True
        self._divider.acknowledge([one.message for one in some])


class Divider:
    """Divides the messages of a connection, and of those that come after it.

    Args:
        parts: how many there are.
        part_of: tells the part of a topic.
        in_flight: most messages that the broker sends before the first is acknowledged.
        held_up: tells whether a part takes nothing now.

    Attributes:
        parts: by index.
    """

    def __init__(
        self,
        parts: int,
        part_of: Callable[[str], int],
        in_flight: int,
        held_up: Callable[[int], bool],
    ) -> None:
        self.parts = [Part(self) for _ in range(parts)]
        self._part_of = part_of
        self._share = in_flight // (parts + 1)
        self._held_up = held_up
        self._changed = asyncio.Event()
        self._client: AckingClient | None = None

    @property
    def client(self) -> AckingClient:
        """The connection."""
        if self._client is None:
            raise RuntimeError("no connection yet")
        return self._client

    def acknowledge(self, messages: list[ReceivedMessage]) -> None:
        """Acknowledge messages to the broker."""
        self.client.ack(messages)
        self._changed.set()

    async def run(self, client: AckingClient) -> None:
        """Divide what a connection brings; first what is kept from the one before it.

        Raises:
            aiomqtt.MqttError: the connection is lost.
        """
        self._client = client
        for part in self.parts:
            part.begin_anew()
        share = self._share
        while True:
            away = [self._held_up(index) for index in range(len(self.parts))]
            for part, is_away in zip(self.parts, away, strict=True):
                if is_away:
                    part.ease(share)
            full = any(
                part.unacknowledged >= self._share and not is_away
                for part, is_away in zip(self.parts, away, strict=True)
            )
            if full:
                self._changed.clear()
                await _within(LOOK_S, self._changed.wait())
                continue
            share = self._share if not any(away) else share
            found = await _within(SILENT_S, client.batch(MOST_AT_ONCE))
            if found is None and any(away):
                share = 0
            for message in found or ():
                self.parts[self._part_of(message.topic)].put(message)


async def _within(seconds: float, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what comes of it; None if it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        return None
