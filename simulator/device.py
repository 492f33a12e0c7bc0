"""One simulated device: plays its events, keeps its connection, buffers what it cannot send.

Of several brokers it is at one, and goes to the next when that is lost, hangs, refuses it, or takes
packets that nobody stores. What was not acknowledged, or not stored, goes with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import BrokerUrl
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.core.tls import tls_problem
from ecg_monitor.core.types import Packet
from ecg_monitor.records import AAMI_LABELS
from simulator.events import Event, Offline, Send, Truth
from simulator.link import mqtt_codec
from simulator.link.connection import (
    KEEPALIVE_S,
    KEEPALIVE_SEVERAL_S,
    Link,
    RefusedError,
    open_link,
)
from simulator.link.encoding import CborEncoder
from simulator.link.outbox import Message, Outbox
from simulator.pacing import Lateness, Pacer

log = logging.getLogger("simulate")

WINDOW = 64
"""Messages in flight: hides the round trip to the broker, and stays under its own limits."""
BUFFER_S = 60.0
"""What a device keeps while it is offline; then the oldest goes."""
DRAIN_S = 4.0
"""How long a device that is switched off still waits for acknowledgements, s: it is given five by
whoever stops it with a signal."""
PATIENCE_S = 10.0
"""How long the first connection may take: everything may be starting at the same time."""
_BACKOFF_FIRST_S = 0.1
_BACKOFF_MOST_S = 2.0
_SHORT_LIVED_S = 1.0
"""A broker closes a connection when another client comes with the same id: two devices of one name
would throw each other out thousands of times a second."""
_SUSPICIOUS = 3
UNHEARD_S, UNHEARD_MOST_S = 10.0, 600.0
"""A broker of several that brings no receipt for so long, s, may be one that nobody reads. Each
time that the next one does not help it is twice as long: Redis may be away, and what is sent again
must not fill all brokers' queues."""
_LOOK_S = 1.0
_ENCODERS: dict[str, Callable[[], Callable[[Packet], bytes]]] = {
    "cbor": CborEncoder,
    "json": lambda: wire.encode_json,
}


@dataclass(slots=True)
class Totals:
    """What all devices of a fleet did together.

    Attributes:
        connected: devices connected now.
        packets: wave packets handed to the connection, or its buffer.
        reconnects: connections made after the first.
        lateness: how late packets were published against their deadlines.
    """

    connected: int = 0
    packets: int = 0
    reconnects: int = 0
    lateness: Lateness = field(default_factory=Lateness)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one device is and does.

    Attributes:
        device: device id.
        meta: retained description.
        events: what it does, given the Unix time of its first sample.
        encoding: ``"cbor"`` or ``"json"``.
        truth: whether it publishes the reference annotations.
    """

    device: str
    meta: dict[str, Any]
    events: Callable[[float], Iterator[Event]]
    encoding: str = "cbor"
    truth: bool = True


class Device:
    """Runs a `Plan` over MQTT."""

    def __init__(
        self, plan: Plan, brokers: Sequence[BrokerUrl], pacer: Pacer, totals: Totals
    ) -> None:
        self._plan = plan
        self._brokers = deque(brokers)  # the first is where it is, or tries
        self._unheard_s = UNHEARD_S
        self._pacer = pacer
        self._totals = totals
        self.outbox = Outbox(WINDOW, BUFFER_S)
        self._link: Link | None = None
        self._room = asyncio.Event()
        self._started = asyncio.Event()  # the first connection was made
        self._left = False  # a fault ended the connection
        self._thrown_out = 0  # connections in a row that the other side closed at once
        self._allowed = asyncio.Event()  # no fault keeps the device offline
        self._allowed.set()
        self._encode = _ENCODERS[plan.encoding]()
        self._topic, self._truth_topic = keys.wave_topic(plan.device), keys.truth_topic(plan.device)
        self._paced = pacer.paced
        self._jitter = Random(plan.device)

    async def run(self) -> None:
        """Play all events, wait for their acknowledgements, and switch off.

        When cancelled it switches off too: what is buffered gets `DRAIN_S` to leave.

        Raises:
            ServiceError: all brokers refuse the device, or none can be reached at the start.
        """
        connector = asyncio.create_task(self._stay_connected())
        player = asyncio.create_task(self._play())
        try:
            await asyncio.wait({connector, player}, return_when=asyncio.FIRST_COMPLETED)
            if connector.done():
                connector.result()
            player.result()
            await self._drained(connector, patient=not self._paced)
            if connector.done():
                connector.result()
        finally:
            player.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await player
            await self._switch_off(connector)

    async def _play(self) -> None:
        await self._started.wait()
        reached = -math.inf
        for event in self._plan.events(self._pacer.start_unix):
            if event.due > reached:  # what is due at one time leaves together
                self._pump()
                await self._pacer.wait(event.due)
                reached = event.due
            if isinstance(event, Send):
                self._count(event.due)
                packet = event.packet
                span = (packet.boot, packet.n0, packet.n1)
                message = Message(self._topic, self._encode(packet), event.due, span)
                self.outbox.push(message)
            elif isinstance(event, Truth):
                if self._plan.truth:
                    self.outbox.push(Message(self._truth_topic, truth_message(event), event.due))
                self._pump()  # the signal that follows may have to be made first
            elif isinstance(event, Offline):
                self._pump()
                await self._go_offline(event.until)
            else:
                self._count(event.due)
                self.outbox.push(Message(self._topic, event.payload, event.due))
            while not self._paced and self.outbox.full:
                self._pump()
                self._room.clear()
                await self._room.wait()
        self._pump()

    def _count(self, due: float) -> None:
        """Count a packet that is sent."""
        self._totals.packets += 1
        if self._paced:
            self._totals.lateness.add(self._pacer.late_s(due))

    def _on_acks(self, mids: Sequence[int]) -> None:
        for mid in mids:
            self.outbox.ack(mid)
        if self.outbox.waiting or not self._paced:
            self._pump()

    def _on_receipt(self, payload: bytes) -> None:
        self._unheard_s = UNHEARD_S
        try:
            said = orjson.loads(payload)
            self.outbox.stored(said["boot"], [(int(n0), int(n1)) for n0, n1 in said["stored"]])
        except (ValueError, KeyError, TypeError) as error:
            log.warning("%s: a receipt that cannot be read: %r", self._plan.device, error)

    def _pump(self) -> None:
        """Send what may go; called whenever something changed."""
        link = self._link
        if link is not None and link.writable:
            self.outbox.nudge()
            parts = []
            while (item := self.outbox.take()) is not None:
                mid, message = item
                parts.append(mqtt_codec.publish(message.topic, message.payload, mid))
            if parts:
                link.write(b"".join(parts))
        if not self._paced and not self.outbox.full:
            self._room.set()

    async def _go_offline(self, until: float) -> None:
        self._allowed.clear()
        if self._link is not None:
            self._left = True
            self._link.vanish()
        await self._pacer.wait(until)
        self._allowed.set()

    async def _stay_connected(self) -> None:
        """Connect, and again whenever the connection is lost: to the next broker, of several."""
        backoff = Backoff(_BACKOFF_FIRST_S, _BACKOFF_MOST_S, self._jitter.random)
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        failed, refused = 0, 0
        while True:
            await self._allowed.wait()
            try:
                link = await self._connect()
            except (OSError, ServiceError) as error:
                refused = refused + 1 if isinstance(error, RefusedError) else 0
                if refused == len(self._brokers):
                    raise
                if not self._started.is_set() and asyncio.get_running_loop().time() > deadline:
                    raise ServiceError(
                        f"cannot reach the broker {self._brokers[0]}: {tls_problem(error) or error}"
                        "; is it running where ECG_MQTT_URL says?"
                    ) from error
                self._brokers.rotate(-1)
                failed += 1
                if failed % len(self._brokers) == 0:  # all have been tried
                    await asyncio.sleep(backoff.next_s())
                continue
            failed, refused = 0, 0
            self._totals.reconnects += self._started.is_set()
            self._totals.connected += 1
            self._link = link
            self._started.set()
            self.outbox.send_kept_again()
            self._pump()
            since = asyncio.get_running_loop().time()
            try:
                await self._until_lost(link, since)
            finally:
                self._link = None
                self._totals.connected -= 1
                self.outbox.requeue()
            lived_s = asyncio.get_running_loop().time() - since
            if not self._left:
                self._brokers.rotate(-1)
            if self._left or lived_s >= _SHORT_LIVED_S:
                self._left, self._thrown_out = False, 0
                backoff.reset()
                continue
            self._thrown_out += 1
            if self._thrown_out == _SUSPICIOUS:
                log.warning(
                    "%s: the broker closed %d connections at once: does another device use this "
                    "name? --device-prefix gives others",
                    self._plan.device,
                    _SUSPICIOUS,
                )
            await asyncio.sleep(backoff.next_s())

    async def _until_lost(self, link: Link, since: float) -> None:
        """Wait until a connection is gone; one to a broker that nobody reads is given up.

        Args:
            link: the connection.
            since: when it was made, monotonic time, s.
        """
        if len(self._brokers) == 1:
            await link.closed
            return
        while not link.closed.done():
            await asyncio.wait({link.closed}, timeout=_LOOK_S)
            here_s = asyncio.get_running_loop().time() - since
            if min(here_s, self.outbox.unheard_s) > self._unheard_s:
                self._unheard_s = min(2 * self._unheard_s, UNHEARD_MOST_S)
                link.vanish()

    async def _connect(self) -> Link:
        plan = self._plan
        status = keys.status_topic(plan.device)
        link = await open_link(
            self._brokers[0],
            plan.device,
            will_topic=status,
            will_payload=_status("offline", reason="connection lost"),
            on_acks=self._on_acks,
            on_ready=self._pump,
            on_message=self._on_receipt,
            keepalive_s=KEEPALIVE_S if len(self._brokers) == 1 else KEEPALIVE_SEVERAL_S,
        )
        receipts = keys.receipt_topic(plan.device)
        link.write(mqtt_codec.subscribe(receipts, self.outbox.next_mid()))
        for topic, payload in (
            (status, _status("online")),
            (keys.meta_topic(plan.device), orjson.dumps(plan.meta)),
        ):
            mid = self.outbox.next_mid()
            link.write(mqtt_codec.publish(topic, payload, mid, retain=True))
        return link

    async def _drained(self, connector: asyncio.Task[None], *, patient: bool) -> None:
        """Wait until everything is acknowledged; at most `DRAIN_S` if not ``patient``.

        Receipts are waited for as well, where they are given, for `DRAIN_S` at most.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DRAIN_S
        while not connector.done():
            waits = len(self.outbox) if patient else 0
            if loop.time() < deadline:
                waits = len(self.outbox) + self.outbox.unconfirmed
            if not waits:
                return
            await asyncio.sleep(0.005)

    async def _switch_off(self, connector: asyncio.Task[None]) -> None:
        link = self._link
        if link is not None and not link.closed.done():
            await self._drained(connector, patient=False)
            status = _status("offline", reason="switched off")
            topic = keys.status_topic(self._plan.device)
            link.write(mqtt_codec.publish(topic, status, self.outbox.next_mid(), retain=True))
            link.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(link.closed), 1.0)
        connector.cancel()
        with contextlib.suppress(asyncio.CancelledError, ServiceError):
            await connector


def _status(state: str, **more: str) -> bytes:
    return orjson.dumps({"state": state, **more})


def truth_message(truth: Truth) -> bytes:
    """Return what is published of the truth of a stretch, as docs/INTEGRATION.md describes it."""
    return orjson.dumps(
        {
            "v": wire.VERSION,
            "boot": truth.boot,
            "fs": truth.fs,
            "n0": truth.n0,
            "n1": truth.n1,
            "beats": [{"n": n, "symbol": s, "label": AAMI_LABELS[s]} for n, s in truth.beats],
            "rhythms": [{"n": n, "aux": aux} for n, aux in truth.rhythms],
        }
    )
