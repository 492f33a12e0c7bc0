"""Posts every change of an alert to a webhook, at least once, in order per partition.

A post that fails for now (no connection, timeout, status 408, 425, 429 or 5xx) is repeated with
growing pauses; one that the receiver refuses (any other status but 2xx) is not. What was refused,
or could not be delivered within an hour, is noted in ``ecg:{p}:undelivered`` and the next change
gets its turn: old alerts must not keep back new ones for ever.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

import aiohttp
import orjson

from ecg_monitor import keys
from ecg_monitor.alerts.evidence import evidence_of
from ecg_monitor.alerts.fhir import bundle
from ecg_monitor.alerts.follow import BLOCK_MS, Follower
from ecg_monitor.alerts.messages import webhook_body, webhook_headers

if TYPE_CHECKING:
    from ecg_monitor.alerts.trail import Entry
    from ecg_monitor.settings import Settings
    from ecg_monitor.store import Store

log = logging.getLogger("deliver")

CHANNEL = "webhook"
TIMEOUT_S = 5.0
BACKOFF_FIRST_S = 0.5
BACKOFF_MOST_S = 30.0
GIVE_UP_S = 3600.0
UNDELIVERED_KEPT = 1000
_TRY_AGAIN = {408, 425, 429}


class Outcome(Enum):
    """What became of a post."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed for now"


def judge(status: int) -> Outcome:
    """Judge the status of an answer."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    return Outcome.FAILED if status in _TRY_AGAIN or status >= 500 else Outcome.REFUSED


def pause_before(attempt: int, chance: float) -> float:
    """Return the wait before a repetition, s: it doubles, and is spread over half its length.

    Args:
        attempt: number of failed attempts, from 1.
        chance: random number from 0 to 1, so that several senders do not come in step.
    """
    longest = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2.0 ** min(attempt - 1, 10))
    return longest * (0.5 + 0.5 * chance)


class WebhookChannel:
    """Posts one partition's alerts. Make it with `open`; call `step` until cancelled."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        store: Store,
        follower: Follower,
        partition: int,
        settings: Settings,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._store = store
        self._follower = follower
        self._partition = partition
        self._settings = settings
        self._now = now

    @classmethod
    async def open(
        cls,
        session: aiohttp.ClientSession,
        store: Store,
        partition: int,
        settings: Settings,
        now: Callable[[], float] = time.time,
    ) -> WebhookChannel:
        """Take up at the cursor.

        Raises:
            StoreError: Redis does not answer.
        """
        follower = await Follower.open(store, partition, CHANNEL)
        return cls(session, store, follower, partition, settings, now)

    async def run(self) -> None:
        """Step until cancelled."""
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
        body = await self._body(name, entry)
        if body is None:
            return
        attempt = 0
        while True:
            outcome, reason = await self._post(f"{self._partition}/{name}", body)
            if outcome is Outcome.DELIVERED:
                return
            attempt += 1
            too_old = self._now() - entry.at > GIVE_UP_S
            if outcome is Outcome.REFUSED or too_old:
                await self._note_undelivered(name, reason)
                return
            log.warning("webhook: %s (attempt %d); trying again", reason, attempt)
            await asyncio.sleep(pause_before(attempt, random.random()))

    async def _body(self, name: str, entry: Entry) -> bytes | None:
        if self._settings.webhook_format == "json":
            return orjson.dumps(webhook_body(f"{self._partition}/{name}", entry))
        if entry.alert is None:
            return None
        evidence = await evidence_of(self._store, self._partition, entry.alert.id)
        return orjson.dumps(bundle(entry, evidence))

    async def _post(self, identity: str, body: bytes) -> tuple[Outcome, str]:
        secret = self._settings.webhook_secret
        headers = webhook_headers(identity, body, secret, self._now())
        try:
            async with self._session.post(
                self._settings.webhook_url,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            ) as answer:
                return judge(answer.status), f"the receiver answers {answer.status}"
        except TimeoutError:
            return Outcome.FAILED, f"no answer within {TIMEOUT_S:g} s"
        except aiohttp.InvalidURL as error:
            return Outcome.REFUSED, f"ECG_WEBHOOK_URL is not valid: {error}"
        except aiohttp.ClientError as error:
            return Outcome.FAILED, f"{type(error).__name__}: {error}"

    async def _note_undelivered(self, name: str, reason: str) -> None:
        log.error("webhook: gave up on change %s: %s", name, reason)
        await self._store.xadd(
            keys.undelivered(self._partition),
            {"c": CHANNEL, "i": name, "e": reason},
            maxlen=UNDELIVERED_KEPT,
        )
