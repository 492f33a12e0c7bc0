"""The loop of ingest: receive, judge, write, and only then acknowledge.

Nothing is lost, whatever dies: a message stays the broker's until Redis has it. While Redis is
away nothing is acknowledged, so that the broker sends no more than `IN_FLIGHT` messages and queues
the rest; memory here is bounded. While the broker is away, the devices wait. What the broker itself
loses, devices can send again: they are told what is stored (`ingest.receipts`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import aiomqtt

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt.client import (
    BACKOFF_FIRST_S,
    AckingClient,
    ReceivedMessage,
    SessionTakenError,
    UnreachableError,
    Version,
    acking_client,
    nobody_listens,
)
from ecg_monitor.core.mqtt.url import parse_url
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all, run_together
from ecg_monitor.core.store import Store, StoreError, by_server
from ecg_monitor.ward.system.process_figures import report
from ingest.admission import Admission
from ingest.broker.divided import Divider, Part
from ingest.figures import Figures
from ingest.forerunner import hold_session
from ingest.forms import Forms
from ingest.judge import AcceptedPacket, Refusal, judge
from ingest.link import PAUSE_S, LinkFigures
from ingest.receipts import Receipts
from ingest.writer import JudgedMessage, Writer

IN_FLIGHT = 512
"""Messages taken from the broker and not yet acknowledged: two full batches."""
BATCH = 256
"""Most messages per write. Batches grow by themselves when Redis is slower than the devices."""
GATHER_S = 0.01
"""Least time from one look for messages to the next unless a batch is full, s. What comes after a
pause is written at once; many devices share a write, which costs as much as the packets of ten."""
JUDGE_S = 0.05
"""Time for judging messages between two writes, s: a full batch of packets takes 10 ms, and the
dearest message that the format allows as long."""
LOG_REFUSALS_EVERY_S = 10.0
WRITE_AGAIN_S = 1.0
"""Longest pause before a batch that Redis did not take is written again, s."""
KNOCK_S = 1.0
"""How long ingest waits at the broker's port before it connects in the ordinary way again, s."""
HELD_UP_S = 0.5
"""Redis that takes nothing for so long, s, is away for those that it holds: others go on."""
RECEIPTS_S = 0.25
"""How often it is looked which receipts are due, s."""
ROSTER_S = 2.0
"""How often it is read which devices are known and have a patient, s: a bed that was admitted to
a moment ago comes in by then."""

_log = logging.getLogger(__name__)


class Ingest:
    """One ingest process.

    Args:
        settings: where broker and Redis are.
        client: Redis client.
        name: MQTT client id; names the session that survives a restart.
        shared: share the packets with other ingest processes (MQTT 5 shared subscription).
        partitions: whose packets come here; None: all.

    Attributes:
        elsewhere: tells how many devices are known to others that count towards `max_devices`.
    """

    def __init__(
        self,
        settings: Settings,
        client: Store,
        *,
        name: str = "ecg-ingest",
        shared: bool = False,
        partitions: Sequence[int] | None = None,
    ) -> None:
        self._url = settings.require("mqtt_url")
        self._client = client
        self._writer = Writer(client, settings, partitions)
        self._name = name
        self._shared = shared
        self._most_devices = settings.max_devices
        self._admission = Admission(settings.max_devices, time.time())
        self.elsewhere: Callable[[], int] = int
        self._busy_since: float | None = None
        self._roster_at: float | None = None
        self._figures = Figures(time.monotonic())
        self._link = LinkFigures(time.monotonic())
        self._receipts = Receipts()
        self._version: Version | None = None  # of MQTT, once the broker has spoken it
        self._forms = Forms()
        self._refused_since_log = 0
        self._logged_refusals = -LOG_REFUSALS_EVERY_S

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            ServiceError: the broker refuses our password or subscription.
        """
        reporting = asyncio.create_task(self._report())
        try:
            await self._receive()
        finally:
            await cancel_all([reporting])

    async def serve(self, broker: AckingClient | Part) -> None:
        """Take the packets of a connection, or a part of them, until it is lost.

        Raises:
            aiomqtt.MqttError: it is.
        """
        await run_together([self._work(broker), self._tell_receipts(broker)])

    @property
    def is_held_up(self) -> bool:
        """Whether Redis has not taken a batch for a while."""
        return self._busy_since is not None and time.monotonic() - self._busy_since > HELD_UP_S

    @property
    def devices(self) -> int:
        """How many devices are known."""
        return len(self._admission.known)

    async def _receive(self) -> None:
        while True:
            try:
                async with acking_client(
                    self._url,
                    identifier=self._name,
                    in_flight=IN_FLIGHT,
                    fall_back=self._version != "5",
                ) as broker:
                    self._version = broker.version
                    await self._subscribe(broker)
                    _log.info("receiving from the broker as %s", self._name)
                    self._link.connected(time.monotonic())
                    await self.serve(broker)
            except SessionTakenError as error:
                pause_s = self._link.lost(time.monotonic(), taken=True)
                _log.error(
                    "another client uses our client id %s at the broker (%s): packets may be lost; "
                    "next try in %g s",
                    *(self._name, error, pause_s),
                )
            except (aiomqtt.MqttError, UnreachableError) as error:
                now = time.monotonic()
                pause_s = self._link.lost(now, taken=False)
                if self._link.worth_saying(now):
                    _log.warning("%s; trying again and again", error)
                if nobody_listens(error):
                    await self._wait_at_port()
                    continue
            await asyncio.sleep(pause_s)

    async def _wait_at_port(self) -> None:
        """Wait until somebody listens at the broker's port, for a while.

        A broker that we have spoken to before keeps what devices send from the first moment on.
        """
        if self._version is None:
            await asyncio.sleep(PAUSE_S)
            return
        await hold_session(
            parse_url(self._url),
            version=self._version,
            identifier=self._name,
            in_flight=IN_FLIGHT,
            filters=self._filters,
            within_s=KNOCK_S,
        )

    @property
    def _filters(self) -> tuple[str, ...]:
        share = "$share/ingest/" if self._shared else ""
        # Never shared: brokers send retained messages to plain subscriptions only.
        return share + keys.WAVE_FILTER, keys.STATUS_FILTER, keys.META_FILTER

    async def _subscribe(self, broker: AckingClient) -> None:
        for topics in self._filters:
            await broker.subscribe(topics)

    async def _work(self, broker: AckingClient | Part) -> None:
        while True:
            looked_at = time.monotonic()
            waiting = await broker.batch(BATCH)
            pause_s = 0.0 if len(waiting) == BATCH else GATHER_S
            while waiting:
                await self._until_done(self._read_roster)
                count, batch = self._judged(waiting)
                messages, waiting = waiting[:count], waiting[count:]
                self._log_refusals(batch)
                began = time.monotonic()
                await self._write(batch)
                broker.ack(messages)
                self._note_stored(batch)
                self._count(messages, batch, began)
            await asyncio.sleep(max(0.0, looked_at + pause_s - time.monotonic()))

    def _judged(self, messages: Sequence[ReceivedMessage]) -> tuple[int, list[JudgedMessage]]:
        """Judge messages in order, as many as `JUDGE_S` allows, and at least one.

        What has been judged is written and acknowledged before the rest is looked at: a message
        that takes long holds back none that came before it, and comes back by itself if it ends
        us. Returns how many messages were judged, and what is to be written of them.
        """
        ends = time.monotonic() + JUDGE_S
        batch: list[JudgedMessage] = []
        count = 0
        for message in messages:
            count += 1
            judgement = judge(message.topic, message.payload, retained=message.retained)
            batch += [
                JudgedMessage(one, message.arrival)
                for one in self._admission.sift(judgement, time.time())
            ]
            if time.monotonic() > ends:
                break
        return count, batch

    async def _write(self, batch: Sequence[JudgedMessage]) -> None:
        """Write until it succeeds: what cannot be written must not be acknowledged."""
        for one in batch:
            if isinstance(one.judgement, AcceptedPacket):
                self._forms.take(one.judgement, one.arrival)
        roster, forms = self._admission.due(), self._forms.due()
        await self._until_done(lambda: self._writer.write(batch, roster, forms))

    async def _read_roster(self) -> None:
        """Read which devices are known, if it is time."""
        now = time.monotonic()
        if self._roster_at is not None and now - self._roster_at < ROSTER_S:
            return
        first = self._roster_at is None
        self._admission.most = self._most_devices - self.elsewhere()
        self._admission.load(*await self._writer.read_roster(first=first))
        if first:
            self._forms.load(await self._writer.read_forms())
        self._forms.keep(self._admission.known)
        self._roster_at = now

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        """Try an action until Redis answers."""
        backoff = Backoff(BACKOFF_FIRST_S, WRITE_AGAIN_S)
        self._busy_since = time.monotonic()
        while True:
            try:
                await work()
            except StoreError as error:
                pause_s = backoff.next_s()
                _log.warning("Redis does not take packets: %s; next try in %.1f s", error, pause_s)
                await asyncio.sleep(pause_s)
            else:
                self._busy_since = None
                return

    def _note_stored(self, batch: Sequence[JudgedMessage]) -> None:
        clock = time.monotonic()
        for message in batch:
            one = message.judgement
            if isinstance(one, AcceptedPacket):
                self._receipts.stored(one.device, one.boot, one.n0, one.n1, clock)

    async def _tell_receipts(self, broker: AckingClient | Part) -> None:
        while True:
            for topic, payload in self._receipts.due(time.monotonic()):
                broker.publish(topic, payload)
            await asyncio.sleep(RECEIPTS_S)

    def _count(
        self, messages: Sequence[ReceivedMessage], batch: Sequence[JudgedMessage], began: float
    ) -> None:
        now = time.monotonic()
        self._figures.add(
            now,
            accepted=sum(isinstance(one.judgement, AcceptedPacket) for one in batch),
            refused=sum(isinstance(one.judgement, Refusal) for one in batch),
            write_s=now - began,
            delay_s=now - messages[0].clock,
        )

    def _log_refusals(self, batch: Sequence[JudgedMessage]) -> None:
        """Log refusals, but a broken device must not fill the log."""
        refused = [j.judgement for j in batch if isinstance(j.judgement, Refusal)]
        self._refused_since_log += len(refused)
        refused = [one for one in refused if one.problem]
        now = time.monotonic()
        if refused and now - self._logged_refusals >= LOG_REFUSALS_EVERY_S:
            _log.warning(
                "%d packets refused; the last one, from %s: %s",
                self._refused_since_log,
                refused[-1].device,
                refused[-1].problem,
            )
            self._refused_since_log = 0
            self._logged_refusals = now

    async def _report(self) -> None:
        """Publish the figures for the system page; they are no reason to stop."""
        await report(self._client, "ingest", self.figures)

    def figures(self) -> dict[str, float]:
        """Return what the system page shows of this process."""
        now = time.monotonic()
        return {
            **self._figures.summary(now),
            **self._link.summary(now),
            "devices": self.devices,
            "turned_away": self._admission.turned_away(time.time()),
        }


class IngestOfServers(Ingest):
    """Ingest for several Redis servers: one that is away holds up its own beds, and no others.

    Each has an `Ingest` of its own, with its partitions alone; they share the connection to the
    broker (`ingest.broker.divided`).
    """

    def __init__(
        self, settings: Settings, client: Store, *, name: str = "ecg-ingest", shared: bool = False
    ) -> None:
        super().__init__(settings, client, name=name, shared=shared)
        groups = by_server(client, range(settings.partitions))
        self._parts = [Ingest(settings, client, partitions=group) for group in groups]
        for one in self._parts:
            one.elsewhere = partial(self._known_beside, one)
        part_of = {partition: index for index, some in enumerate(groups) for partition in some}

        def part(topic: str) -> int:
            device, _ = keys.device_of_topic(topic) or ("", "")
            return part_of[keys.partition_of(device, settings.partitions)]

        self._divider = Divider(
            len(groups), part, IN_FLIGHT, lambda index: self._parts[index].is_held_up
        )

    async def serve(self, broker: AckingClient | Part) -> None:
        """Take the packets of a connection until it is lost.

        Raises:
            aiomqtt.MqttError: it is.
        """
        if isinstance(broker, Part):
            raise TypeError("a part is not divided again")
        pairs = zip(self._parts, self._divider.parts, strict=True)
        await run_together([self._divider.run(broker), *(one.serve(part) for one, part in pairs)])

    def _known_beside(self, one: Ingest) -> int:
        return sum(other.devices for other in self._parts if other is not one)

    def figures(self) -> dict[str, float]:
        """Return what the system page shows of this process."""
        told = [one.figures() for one in self._parts]
        largest = {"batch_mean", "write_ms_p99", "delay_ms_p99"}
        summed = {
            name: (max if name in largest else sum)(one[name] for one in told) for name in told[0]
        }
        parts = self._divider.parts
        return {
            **summed,
            **self._link.summary(time.monotonic()),
            "kept": sum(part.kept for part in parts),
            "let_go": sum(part.let_go for part in parts),
        }


def make_ingest(settings: Settings, client: Store, *, name: str, shared: bool) -> Ingest:
    """Return what takes in packets for the servers of a client; arguments as of `Ingest`."""
    several = len(by_server(client, range(settings.partitions))) > 1
    return (IngestOfServers if several else Ingest)(settings, client, name=name, shared=shared)
