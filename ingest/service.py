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
from collections.abc import Sequence

import aiomqtt

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt.client import (
    BACKOFF_FIRST_S,
    AckingClient,
    ReceivedMessage,
    SessionTakenError,
    UnreachableError,
    acking_client,
)
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all, run_together
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward.system.process_figures import report
from ingest.figures import Figures
from ingest.judge import AcceptedPacket, Refusal, judge
from ingest.link import LinkFigures
from ingest.receipts import Receipts
from ingest.writer import JudgedMessage, Writer

IN_FLIGHT = 512
"""Messages taken from the broker and not yet acknowledged: two full batches."""
BATCH = 256
"""Most messages per write. Batches grow by themselves when Redis is slower than the devices; an
idle system writes every packet at once."""
LOG_REFUSALS_EVERY_S = 10.0
WRITE_AGAIN_S = 1.0
"""Longest pause before a batch that Redis did not take is written again, s."""
RECEIPTS_S = 0.25
"""How often it is looked which receipts are due, s."""

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
        self._figures = Figures(time.monotonic())
        self._link = LinkFigures(time.monotonic())
        self._receipts = Receipts()
        self._fall_back = True
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
        while True:
            try:
                async with acking_client(
                    self._url,
                    identifier=self._name,
                    in_flight=IN_FLIGHT,
                    fall_back=self._fall_back,
                ) as broker:
                    self._fall_back = broker.version != "5"
                    await self._subscribe(broker)
                    _log.info("receiving from the broker as %s", self._name)
                    self._link.connected(time.monotonic())
                    await run_together([self._work(broker), self._tell_receipts(broker)])
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
            batch = [JudgedMessage(judge(m.topic, m.payload), m.arrival) for m in messages]
            self._log_refusals(batch)
            began = time.monotonic()
            await self._write(batch)
            broker.ack(messages)
            self._note_stored(batch)
            self._count(messages, batch, began)

    async def _write(self, batch: Sequence[JudgedMessage]) -> None:
        """Write until it succeeds: what cannot be written must not be acknowledged."""
        backoff = Backoff(BACKOFF_FIRST_S, WRITE_AGAIN_S)
        while True:
            try:
                await self._writer.write(batch)
            except StoreError as error:
                pause_s = backoff.next_s()
                _log.warning("Redis does not take packets: %s; next try in %.1f s", error, pause_s)
                await asyncio.sleep(pause_s)
            else:
                return

    def _note_stored(self, batch: Sequence[JudgedMessage]) -> None:
        clock = time.monotonic()
        for judged in batch:
            one = judged.judgement
            if isinstance(one, AcceptedPacket):
                self._receipts.stored(one.device, one.boot, one.n0, one.n1, clock)

    async def _tell_receipts(self, broker: AckingClient) -> None:
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
            accepted=sum(isinstance(judged.judgement, AcceptedPacket) for judged in batch),
            refused=sum(isinstance(judged.judgement, Refusal) for judged in batch),
            write_s=now - began,
            delay_s=now - messages[0].clock,
        )

    def _log_refusals(self, batch: Sequence[JudgedMessage]) -> None:
        """Log refusals, but a broken device must not fill the log."""
        refused = [j.judgement for j in batch if isinstance(j.judgement, Refusal)]
        self._refused_since_log += len(refused)
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
            now = time.monotonic()
            return self._figures.summary(now) | self._link.summary(now)

        await report(self._client, "ingest", figures)
