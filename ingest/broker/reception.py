"""The connection to a broker, kept: lost, taken by another or not there yet, it is made again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt.client import UnreachableError
from ecg_monitor.core.mqtt.url import parse_url
from ingest.broker.client import AckingClient, LostError, SessionTakenError
from ingest.broker.forerunner import hold_session
from ingest.broker.link import PAUSE_S, LinkFigures
from ingest.broker.packets import Version
from ingest.broker.session import acking_client, nobody_listens

IN_FLIGHT = 512
"""Messages taken from the broker and not yet acknowledged: two full batches."""
GATHER_S, MOST_GATHER_S = 0.01, 0.02
GATHER_PER_MESSAGE_S = 0.001
"""Time from one look at the socket to the next, s: the first, and so much for each message that the
last look has brought, up to the second. What comes after a pause is written at once; many devices
share a look and a write, which cost as much as the packets of ten."""
KNOCK_S = 1.0
"""How long ingest waits at the broker's port before it connects in the ordinary way again, s."""

_log = logging.getLogger(__name__)


def gather_s(messages: int) -> float:
    """Return how long to wait after a look at the socket that brought so many messages, s."""
    return min(MOST_GATHER_S, max(GATHER_S, messages * GATHER_PER_MESSAGE_S))


class Reception:
    """Keeps a subscribed connection to the broker.

    Args:
        url: of the broker.
        serve: takes the messages of a connection until it is lost.
        name: MQTT client id; names the session that survives a restart.
        shared: share the packets with other ingest processes (MQTT 5 shared subscription).
    """

    def __init__(
        self, url: str, serve: Callable[[AckingClient], Awaitable[None]], *, name: str, shared: bool
    ) -> None:
        self._url = url
        self._broker = parse_url(url)
        self._serve = serve
        self._name = name
        share = "$share/ingest/" if shared else ""
        # Never shared: brokers send retained messages to plain subscriptions only.
        self._filters = (share + keys.WAVE_FILTER, keys.STATUS_FILTER, keys.META_FILTER)
        self._link = LinkFigures(time.monotonic())
        self._version: Version | None = None  # of MQTT, once the broker has spoken it

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            ServiceError: the broker refuses our password or subscription.
        """
        while True:
            pause_s = PAUSE_S
            try:
                await self._receive()
            except SessionTakenError as error:
                pause_s = self._link.lost(time.monotonic(), taken=True)
                _log.error(
                    "another client uses our client id %s at the broker %s (%s): packets may be "
                    "lost; next try in %g s",
                    *(self._name, self._broker, error, pause_s),
                )
            except (LostError, UnreachableError) as error:
                now = time.monotonic()
                pause_s = self._link.lost(now, taken=False)
                if self._link.worth_saying(now):
                    where = f"{self._broker}: " if isinstance(error, LostError) else ""
                    _log.warning("%s%s; trying again and again", where, error)
                if nobody_listens(error):
                    await self._wait_at_port()
                    continue
            await asyncio.sleep(pause_s)

    def figures(self) -> dict[str, float]:
        """Return what the system page shows of the connection."""
        return self._link.summary(time.monotonic())

    async def _receive(self) -> None:
        """Have the messages of one connection taken, until it is lost."""
        async with acking_client(
            self._url,
            identifier=self._name,
            in_flight=IN_FLIGHT,
            fall_back=self._version != "5",
            gather_s=gather_s,
        ) as broker:
            self._version = broker.version
            for topics in self._filters:
                await broker.subscribe(topics)
            _log.info("receiving from the broker %s as %s", self._broker, self._name)
            self._link.connected(time.monotonic())
            await self._serve(broker)

    async def _wait_at_port(self) -> None:
        """Wait until somebody listens at the broker's port, for a while.

        A broker that we have spoken to before keeps what devices send from the first moment on.
        """
        if self._version is None:
            await asyncio.sleep(PAUSE_S)
            return
        await hold_session(
            self._broker,
            version=self._version,
            identifier=self._name,
            in_flight=IN_FLIGHT,
            filters=self._filters,
            within_s=KNOCK_S,
        )
