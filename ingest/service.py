"""The loop of ingest: receive, judge, write, and only then acknowledge.

Nothing is lost, whatever dies: a message stays the broker's until Redis has it. While Redis is
away nothing is acknowledged, so that the broker sends no more than `IN_FLIGHT` messages and queues
the rest; memory here is bounded. While the broker is away, the devices wait.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import aiomqtt

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt.client import (
    BACKOFF_FIRST_S,
    BACKOFF_MOST_S,
    AckingClient,
    ReceivedMessage,
    UnreachableError,
    acking_client,
)
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward.system.process_figures import report
from ingest.admission import Admission
from ingest.figures import Figures
from ingest.judge import AcceptedPacket, Refusal, judge
from ingest.writer import JudgedMessage, Writer

IN_FLIGHT = 512
"""Messages taken from the broker and not yet acknowledged: two full batches."""
BATCH = 256
"""Most messages per write. Batches grow by themselves when Redis is slower than the devices; an
idle system writes every packet at once."""
LOG_REFUSALS_EVERY_S = 10.0
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
    """

    def __init__(
        self, settings: Settings, client: Store, *, name: str = "ecg-ingest", shared: bool = False
    ) -> None:
        self._url = settings.require("mqtt_url")
        self._client = client
        self._writer = Writer(client, settings)
        self._name = name
        self._shared = shared
        self._admission = Admission(settings.max_devices, time.time())
        self._roster_at: float | None = None
        self._figures = Figures(time.monotonic())
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

    async def _receive(self) -> None:
        backoff = Backoff(BACKOFF_FIRST_S, BACKOFF_MOST_S)
        while True:
            try:
                async with acking_client(
                    self._url, identifier=self._name, in_flight=IN_FLIGHT
                ) as broker:
                    await self._subscribe(broker)
                    _log.info("receiving from the broker as %s", self._name)
                    backoff.reset()
                    await self._work(broker)
            except (aiomqtt.MqttError, UnreachableError) as error:
                pause_s = backoff.next_s()
                _log.warning("%s; next try in %.1f s", error, pause_s)
                await asyncio.sleep(pause_s)

    async def _subscribe(self, broker: AckingClient) -> None:
        share = "$share/ingest/" if self._shared else ""
        await broker.subscribe(share + keys.WAVE_FILTER)
        # Never shared: brokers send retained messages to plain subscriptions only.
        await broker.subscribe(keys.STATUS_FILTER)
        await broker.subscribe(keys.META_FILTER)

    async def _work(self, broker: AckingClient) -> None:
        while True:
            messages = await broker.batch(BATCH)
            await self._until_done(self._read_roster)
            batch = [
                JudgedMessage(sifted, m.arrival)
                for m in messages
                for sifted in self._admission.sift(judge(m.topic, m.payload), time.time())
            ]
            self._log_refusals(batch)
            began = time.monotonic()
            await self._write(batch)
            broker.ack(messages)
            self._count(messages, batch, began)

    async def _write(self, batch: Sequence[JudgedMessage]) -> None:
        """Write until it succeeds: what cannot be written must not be acknowledged."""
        roster = self._admission.due()
        await self._until_done(lambda: self._writer.write(batch, roster))

    async def _read_roster(self) -> None:
        """Read which devices are known, if it is time."""
        now = time.monotonic()
        if self._roster_at is not None and now - self._roster_at < ROSTER_S:
            return
        self._admission.load(*await self._writer.read_roster(first=self._roster_at is None))
        self._roster_at = now

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it until Redis answers."""
        backoff = Backoff(BACKOFF_FIRST_S, BACKOFF_MOST_S)
        while True:
            try:
                await work()
            except StoreError as error:
                pause_s = backoff.next_s()
                _log.warning("Redis does not take packets: %s; next try in %.1f s", error, pause_s)
                await asyncio.sleep(pause_s)
            else:
                return

    def _count(
        self, messages: Sequence[ReceivedMessage], batch: Sequence[JudgedMessage], began: float
    ) -> None:
        now = time.monotonic()
        self._figures.add(
            now,
            accepted=sum(isinstance(judged.judgement, AcceptedPacket) for judged in batch),
            refused=sum(isinstance(judged.judgement, Refusal) for judged in batch),
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

        def figures() -> dict[str, float]:
            turned_away = self._admission.turned_away(time.time())
            return {
                **self._figures.summary(time.monotonic()),
                "devices": len(self._admission.known),
                "turned_away": turned_away,
            }

        await report(self._client, "ingest", figures)
