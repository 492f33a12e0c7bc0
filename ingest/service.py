"""The loop of ingest: receive, judge, write, and only then acknowledge.

Nothing is lost, whatever dies: a message stays the broker's until Redis has it. While Redis is
away nothing is acknowledged, so that the broker sends no more than `IN_FLIGHT` messages and queues
the rest; memory here is bounded. While the broker is away, the devices wait. What the broker itself
loses, devices can send again: they are told what is stored (`ingest.receipts`).

Of several brokers each has a connection of its own. What they bring is judged and written in turn,
as if it came from one; what is answered goes back to where it came from.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt.client import BACKOFF_FIRST_S
from ecg_monitor.core.mqtt.url import named_brokers
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all, run_together
from ecg_monitor.core.store import Store, StoreError, by_server
from ecg_monitor.ward.system.process_figures import report
from ingest.admission import Admission
from ingest.broker.client import AckingClient
from ingest.broker.divided import Divider, Part
from ingest.broker.parser import ReceivedMessage
from ingest.broker.reception import IN_FLIGHT
from ingest.broker.receptions import Receptions
from ingest.figures import Figures
from ingest.forms import Forms
from ingest.judge import AcceptedPacket, Judgement, Refusal, judge
from ingest.receipts import Receipts
from ingest.whereabouts import Whereabouts
from ingest.writer import JudgedMessage, Writer

BATCH = 256
"""Most messages per write. Batches grow by themselves when Redis is slower than the devices."""
JUDGE_S = 0.05
"""Time for judging messages between two writes, s: a full batch of packets takes 10 ms, and the
dearest message that the format allows as long."""
LOG_REFUSALS_EVERY_S = 10.0
WRITE_AGAIN_S = 1.0
"""Longest pause before a batch that Redis did not take is written again, s."""
HELD_UP_S = 0.5
"""Redis that takes nothing for so long, s, is away for those that it holds: others go on."""
RECEIPTS_S = 0.25
"""How often it is looked which receipts are due, s."""
ROSTER_S = 2.0
"""How often it is read which devices are known and have a patient, s: a bed that was admitted to
a moment ago comes in by then."""

_log = logging.getLogger(__name__)


class Intake:
    """Takes the packets of one Redis server's partitions.

    Args:
        settings: how much is kept, and of how many devices.
        client: Redis client.
        partitions: whose packets come here; None: all.
        brokers: how many there are.

    Attributes:
        elsewhere: tells how many devices are known to others that count towards `max_devices`.
    """

    def __init__(
        self,
        settings: Settings,
        client: Store,
        partitions: Sequence[int] | None = None,
        *,
        brokers: int = 1,
    ) -> None:
        self._writer = Writer(client, settings, partitions)
        self._most_devices = settings.max_devices
        self._admission = Admission(settings.max_devices, time.time())
        self.elsewhere: Callable[[], int] = int
        self._busy_since: float | None = None
        self._roster_at: float | None = None
        self._figures = Figures(time.monotonic())
        self._receipts = [Receipts() for _ in range(brokers)]
        self._whereabouts = Whereabouts(settings.max_devices) if brokers > 1 else None
        self._turn = asyncio.Lock()
        self._forms = Forms()
        self._refused_since_log = 0
        self._logged_refusals = -LOG_REFUSALS_EVERY_S

    async def serve(self, broker: AckingClient | Part, origin: int = 0) -> None:
        """Take the packets of a connection, or a part of them, until it is lost.

        Args:
            broker: the connection.
            origin: which broker it is to, from 0.

        Raises:
            LostError: it is.
        """
        receipts = self._receipts[origin]
        await run_together([self._work(broker, origin), _tell_receipts(broker, receipts)])

    @property
    def is_held_up(self) -> bool:
        """Whether Redis has not taken a batch for a while."""
        return self._busy_since is not None and time.monotonic() - self._busy_since > HELD_UP_S

    @property
    def devices(self) -> int:
        """How many devices are known."""
        return len(self._admission.known)

    async def _work(self, broker: AckingClient | Part, origin: int) -> None:
        while True:
            waiting = await broker.batch(BATCH)
            while waiting:
                async with self._turn:
                    count = await self._take(broker, waiting, origin)
                waiting = waiting[count:]

    async def _take(
        self, broker: AckingClient | Part, waiting: list[ReceivedMessage], origin: int
    ) -> int:
        """Judge, write and acknowledge the first messages; return how many."""
        await self._until_done(self._read_roster)
        count, batch = self._judged(waiting, origin)
        messages = waiting[:count]
        accepted = [one for one, _ in batch if isinstance(one, AcceptedPacket)]
        refused = [one for one, _ in batch if isinstance(one, Refusal)]
        self._log_refusals(refused)
        began = time.monotonic()
        await self._write(batch)
        broker.ack(messages)
        _note_stored(accepted, self._receipts[origin])
        self._count(len(accepted), len(refused), messages[0].clock, began)
        return count

    def _judged(
        self, messages: Sequence[ReceivedMessage], origin: int
    ) -> tuple[int, list[JudgedMessage]]:
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
            told: Sequence[Judgement] = (judgement,)
            if self._whereabouts is not None:
                told = self._whereabouts.sift(judgement, origin)
            for each in told:
                for one in self._admission.sift(each, time.time()):
                    batch.append(JudgedMessage(one, message.arrival))
            if time.monotonic() > ends:
                break
        return count, batch

    async def _write(self, batch: Sequence[JudgedMessage]) -> None:
        """Write until it succeeds: what cannot be written must not be acknowledged."""
        for judgement, arrival in batch:
            if isinstance(judgement, AcceptedPacket):
                self._forms.take(judgement, arrival)
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

    def _count(self, accepted: int, refused: int, first_at: float, began: float) -> None:
        """Count a batch; times are monotonic: of its first message, and of the write, s."""
        now = time.monotonic()
        self._figures.add(
            now,
            accepted=accepted,
            refused=refused,
            write_s=now - began,
            delay_s=now - first_at,
        )

    def _log_refusals(self, refused: Sequence[Refusal]) -> None:
        """Log refusals, but a broken device must not fill the log."""
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

    def figures(self) -> dict[str, float]:
        """Return what the system page shows of it."""
        return {
            **self._figures.summary(time.monotonic()),
            "devices": self.devices,
            "turned_away": self._admission.turned_away(time.time()),
        }


def _note_stored(packets: Sequence[AcceptedPacket], receipts: Receipts) -> None:
    clock = time.monotonic()
    for one in packets:
        receipts.stored(one.device, one.boot, one.n0, one.n1, clock)


async def _tell_receipts(broker: AckingClient | Part, receipts: Receipts) -> None:
    while True:
        for topic, payload in receipts.due(time.monotonic()):
            broker.publish(topic, payload)
        await asyncio.sleep(RECEIPTS_S)


class DividedIntake:
    """Takes the packets of several Redis servers: one that is away holds up its own beds alone.

    Each has an `Intake` of its own, with its partitions alone; they share the connection to each
    broker (`ingest.broker.divided`).

    Args:
        settings: how much is kept, and of how many devices.
        client: Redis client.
        groups: partitions by server.
        brokers: how many there are.
    """

    def __init__(
        self, settings: Settings, client: Store, groups: Sequence[Sequence[int]], *, brokers: int
    ) -> None:
        self._intakes = [Intake(settings, client, group, brokers=brokers) for group in groups]
        for one in self._intakes:
            one.elsewhere = partial(self._known_beside, one)
        part_of = {partition: index for index, some in enumerate(groups) for partition in some}

        def part(topic: str) -> int:
            device, _ = keys.device_of_topic(topic) or ("", "")
            return part_of[keys.partition_of(device, settings.partitions)]

        def held_up(index: int) -> bool:
            return self._intakes[index].is_held_up

        self._dividers = [Divider(len(groups), part, IN_FLIGHT, held_up) for _ in range(brokers)]

    async def serve(self, broker: AckingClient, origin: int = 0) -> None:
        """Take the packets of a connection until it is lost; see `Intake.serve`.

        Raises:
            LostError: it is.
        """
        divider = self._dividers[origin]
        pairs = zip(self._intakes, divider.parts, strict=True)
        await run_together([divider.run(broker), *(one.serve(part, origin) for one, part in pairs)])

    def _known_beside(self, one: Intake) -> int:
        return sum(other.devices for other in self._intakes if other is not one)

    def figures(self) -> dict[str, float]:
        """Return what the system page shows of them together."""
        told = [one.figures() for one in self._intakes]
        largest = {"batch_mean", "write_ms_p99", "delay_ms_p99"}
        summed = {
            name: (max if name in largest else sum)(one[name] for one in told) for name in told[0]
        }
        parts = [part for divider in self._dividers for part in divider.parts]
        return {
            **summed,
            "kept": sum(part.kept for part in parts),
            "let_go": sum(part.let_go for part in parts),
        }


class Ingest:
    """One ingest process.

    Args:
        settings: where broker and Redis are; there may be several of each.
        client: Redis client, of one server or of several.
        name: MQTT client id; names the session that survives a restart.
        shared: share the packets with other ingest processes (MQTT 5 shared subscription).

    Raises:
        ServiceError: a broker's address is wrong.
    """

    def __init__(
        self, settings: Settings, client: Store, *, name: str = "ecg-ingest", shared: bool = False
    ) -> None:
        addresses = named_brokers(settings.require("mqtt_url"))
        brokers = len(addresses)
        groups = by_server(client, range(settings.partitions))
        self._client = client
        several = len(groups) > 1
        self._intake: Intake | DividedIntake = (
            DividedIntake(settings, client, groups, brokers=brokers)
            if several
            else Intake(settings, client, brokers=brokers)
        )
        serves = [partial(self._intake.serve, origin=index) for index in range(brokers)]
        self._receptions = Receptions(addresses, serves, name=name, shared=shared)

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            ServiceError: all brokers refuse our password or subscription.
        """
        # What is reported is no reason to stop.
        reporting = asyncio.create_task(report(self._client, "ingest", self.figures))
        try:
            await self._receptions.run()
        finally:
            await cancel_all([reporting])

    def figures(self) -> dict[str, Any]:
        """Return what the system page shows of this process."""
        return {**self._intake.figures(), **self._receptions.figures()}
