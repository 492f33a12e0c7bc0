"""Posts messages to the webhook, each until the receiver has it or will not have it.

A post that fails for now (no connection, timeout, status 408, 425, 429 or 5xx) is repeated with
growing pauses; one that the receiver refuses (any other status but 2xx) is not. After an hour a
message is given up: old ones must not keep back new ones for ever.
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

from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.ward.alerts.exchange.messages import webhook_headers

if TYPE_CHECKING:
    from ecg_monitor.core.settings import Settings

log = logging.getLogger("deliver")

TIMEOUT_S = 5.0
BACKOFF_FIRST_S = 0.5
BACKOFF_MOST_S = 30.0
GIVE_UP_S = 3600.0
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


class Poster:
    """Posts to the address in the settings.

    Args:
        session: HTTP session.
        settings: address of the webhook and key of its signatures.
        now: clock, Unix s.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: Settings,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._settings = settings
        self._now = now

    async def deliver(self, identity: str, body: bytes, at: float) -> str | None:
        """Post until it is settled.

        Args:
            identity: the same for the same message, so that the receiver may know it again.
            body: bytes of the body, JSON.
            at: when what it tells happened, Unix s.

        Returns:
            None if it was delivered, else why it was given up.
        """
        backoff = Backoff(BACKOFF_FIRST_S, BACKOFF_MOST_S, random.random)
        attempt = 0
        while True:
            outcome, reason = await self._post(identity, body)
            if outcome is Outcome.DELIVERED:
                return None
            attempt += 1
            if outcome is Outcome.REFUSED or self._now() - at > GIVE_UP_S:
                return reason
            log.warning("webhook: %s (attempt %d); trying again", reason, attempt)
            await asyncio.sleep(backoff.next_s())

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
