"""Tells others what is wrong with the system, at least once: over MQTT and to the webhook.

What is told comes from the journal in memory, since Redis may be what is wrong. How far a channel
has come is kept in Redis when it takes writes, so that after ``kill -9`` what was not told is told
then. A message may come twice, with the same id; with another one only where Redis took no writes
before the process was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import aiomqtt
import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.stopping import run_together
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.ward.system.changes import Change
from ecg_monitor.ward.system.watch import Watcher
from gateway.deliver.system_messages import UNWATCHED, fhir_bundle, mqtt_state, webhook_map

if TYPE_CHECKING:
    from gateway.deliver.poster import Poster

log = logging.getLogger("deliver")

FIRST_START_S = 60.0
"""A channel that has no cursor yet begins with the changes of the last minute."""
SAVE_S = 1.0
SAVE_AGAIN_S = 5.0
FAREWELL_S = 0.5
KEEPALIVE_S = 3
"""Keep-alive interval of the connection, s: one and a half of it after this process has fallen
silent the broker tells others that nobody watches (`WILL`)."""
ALIVE_S, ALIVE_WITHIN_S = 1.0, 1.5
"""How often the broker is asked whether it takes messages, and how long its answer may take, s."""
OVERSLEPT_S = 0.3
"""Who notices that much later that an answer is overdue, s, has stood still itself."""
WILL = aiomqtt.Will(keys.SYSTEM_TOPIC, orjson.dumps(UNWATCHED), qos=1, retain=True)

Send = Callable[[Change], Awaitable[None]]


class Channel:
    """One way to others, and how far it has come.

    Args:
        name: name of its cursor in Redis.
        position: number of the last change that it has told.
    """

    def __init__(self, store: Store, watcher: Watcher, name: str, position: int) -> None:
        self._store = store
        self._watcher = watcher
        self._name = name
        self._position = position
        self._saved = position

    @classmethod
    async def open(cls, store: Store, watcher: Watcher, name: str) -> Channel:
        """Take up at the cursor.

        Raises:
            StoreError: Redis does not answer.
        """
        saved: Any = await store.hget(keys.SYSTEM_CURSORS, name)
        position = int((time.time() - FIRST_START_S) * 1000) if saved is None else int(saved)
        return cls(store, watcher, name, position)

    async def run(self, send: Send) -> None:
        """Send what has changed and what changes, until cancelled.

        Args:
            send: sends one change; what it raises ends this, and the change comes again.
        """
        while True:
            changed = self._watcher.changed
            for change in self._watcher.journal.after(self._position):
                await send(change)
                self._position = change.number
            saved = await self._save()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if saved else SAVE_AGAIN_S):
                    await changed.wait()

    async def _save(self) -> bool:
        """Keep the position if Redis takes it now; return whether it is kept."""
        if self._position == self._saved:
            return True
        try:
            async with asyncio.timeout(SAVE_S):
                await self._store.hset(keys.SYSTEM_CURSORS, self._name, str(self._position))
        except (StoreError, TimeoutError) as error:
            log.debug("system, %s: position not kept: %s", self._name, error)
            return False
        self._saved = self._position
        return True


async def publish(
    client: aiomqtt.Client, channel: Channel, watcher: Watcher, broker: str = ""
) -> None:
    """Publish until cancelled; then say that nobody watches.

    Args:
        client: connection whose last will is `WILL`.
        channel: the MQTT channel.
        watcher: where the state comes from.
        broker: what the broker is called, of several.

    Raises:
        aiomqtt.MqttError: the connection is lost; what it did not take comes again.
    """

    async def send(change: Change | None) -> None:
        state = mqtt_state(watcher.journal.present.values(), change, time.time())
        payload = orjson.dumps(state)
        await client.publish(keys.SYSTEM_TOPIC, payload, qos=1, retain=True)

    unanswered_since: float | None = None

    async def stay_alive() -> None:
        """Ask the broker every second whether it takes messages: one that hangs closes nothing."""
        nonlocal unanswered_since
        asked_next = time.monotonic()
        while True:
            asked = time.monotonic()
            # A broker ends connections of who stood still: after that a question tells nothing.
            unanswered_since = asked if asked - asked_next <= OVERSLEPT_S else None
            await client.publish(keys.ALIVE_TOPIC, b"", qos=1, timeout=ALIVE_WITHIN_S)
            unanswered_since = None
            asked_next = time.monotonic() + ALIVE_S
            await asyncio.sleep(ALIVE_S)

    watcher.broker_lost.pop(broker, None)
    try:
        await send(None)
        await run_together([channel.run(send), stay_alive()])
    except asyncio.CancelledError:
        await _farewell(client)
        raise
    finally:
        watcher.broker_lost[broker] = lost_since(unanswered_since, time.monotonic())


def lost_since(unanswered_since: float | None, clock: float) -> float:
    """Return since when the broker has been away, s.

    Args:
        unanswered_since: when it was asked what it has not answered, s; None: it has answered.
        clock: monotonic time, s. Later than the answer is waited for by more than `OVERSLEPT_S`:
            this process has stood still itself, and could not hear an answer.
    """
    if unanswered_since is None or clock - unanswered_since > ALIVE_WITHIN_S + OVERSLEPT_S:
        return clock
    return unanswered_since


async def _farewell(client: aiomqtt.Client) -> None:
    """Say that nobody watches: a will is published only for those who vanish."""
    try:
        await client.publish(
            keys.SYSTEM_TOPIC, WILL.payload, qos=1, retain=True, timeout=FAREWELL_S
        )
    except aiomqtt.MqttError as error:
        log.warning("%s: nobody could be told that this process ends: %s", keys.SYSTEM_TOPIC, error)


async def post(poster: Poster, channel: Channel, form: str) -> None:
    """Post until cancelled.

    Args:
        poster: the way to the webhook.
        channel: the webhook's channel.
        form: ``json`` or ``fhir``.
    """

    async def send(change: Change) -> None:
        body = webhook_map(change) if form == "json" else fhir_bundle(change)
        reason = await poster.deliver(change.id, orjson.dumps(body), change.at)
        if reason is not None:
            log.error("webhook: gave up on %s: %s", change.id, reason)

    await channel.run(send)
