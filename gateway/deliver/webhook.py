"""Posts every change of an alert to a webhook, at least once, in order per partition.

What was refused, or could not be delivered within an hour, is noted in ``ecg:{p}:undelivered``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.store import StoreRefusedError
from ecg_monitor.ward.alerts.evidence import evidence_of
from ecg_monitor.ward.alerts.exchange.fhir import bundle
from ecg_monitor.ward.alerts.exchange.messages import webhook_body
from gateway.deliver.bed_units import BedUnits
from gateway.deliver.follow import BLOCK_MS, Follower

if TYPE_CHECKING:
    from ecg_monitor.core.settings import Settings
    from ecg_monitor.core.store import Store
    from ecg_monitor.ward.alerts.trail import Entry
    from gateway.deliver.poster import Poster

log = logging.getLogger("deliver")

UNDELIVERED_KEPT = 1000


class WebhookChannel:
    """Posts one partition's alerts. Make it with `open`; call `step` until cancelled."""

    def __init__(
        self, poster: Poster, store: Store, follower: Follower, partition: int, form: str
    ) -> None:
        self._poster = poster
        self._store = store
        self._follower = follower
        self._partition = partition
        self._form = form
        self._units = BedUnits(store)

    @classmethod
    async def open(
        cls, poster: Poster, store: Store, partition: int, settings: Settings
    ) -> WebhookChannel:
        """Take up at the cursor.

        Raises:
            StoreError: Redis does not answer.
        """
        follower = await Follower.open(store, partition, keys.WEBHOOK_CHANNEL)
        return cls(poster, store, follower, partition, settings.webhook_format)

    async def run(self) -> None:
        """Step until cancelled.

        Raises:
            StoreError: Redis does not answer; changes since the cursor come again.
        """
        while True:
            await self.step()

    async def step(self, block_ms: int = BLOCK_MS) -> int:
        """Deliver the changes that are there; return how many were read.

        Raises:
            StoreError: Redis does not answer.
        """
        count = 0
        async for name, entry in self._follower.read(block_ms):
            await self._deliver(name, entry)
            self._follower.position = name
            await self._follower.save()
            count += 1
        return count

    async def _deliver(self, name: str, entry: Entry) -> None:
        identity = f"{self._partition}/{name}"
        body = await self._body(identity, entry)
        if body is None:
            return
        reason = await self._poster.deliver(identity, body, entry.at)
        if reason is not None:
            await self._note_undelivered(name, reason)

    async def _body(self, identity: str, entry: Entry) -> bytes | None:
        if self._form == "json":
            await self._units.refresh()
            unit = self._units.of(entry.device)
            return orjson.dumps({**webhook_body(identity, entry), "unit": unit})
        if entry.alert is None:
            return None
        evidence = await evidence_of(self._store, self._partition, entry.alert.id)
        return orjson.dumps(bundle(entry, evidence))

    async def _note_undelivered(self, name: str, reason: str) -> None:
        log.error("webhook: gave up on change %s: %s", name, reason)
        try:
            await self._store.xadd(
                keys.undelivered(self._partition),
                {"c": keys.WEBHOOK_CHANNEL, "i": name, "e": reason},
                maxlen=UNDELIVERED_KEPT,
            )
        except StoreRefusedError as error:  # the next change gets its turn all the same
            log.error("webhook: that could not be noted: %s", error)
