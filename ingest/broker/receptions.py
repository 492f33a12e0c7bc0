"""The connections to all brokers of a system: one that is away, or refuses us, stops no other.

A device is at one broker at a time and may move to another, with what nobody has stored yet; ingest
receives from all of them, so that it need not know where a device is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.stopping import run_together
from ingest.broker.client import AckingClient
from ingest.broker.reception import Reception

REFUSED_S = 5.0
"""Pause before a broker of several that refuses our password or subscription is tried again, s."""

_log = logging.getLogger(__name__)


class Receptions:
    """Keeps a subscribed connection to each broker.

    Args:
        brokers: their addresses by what they are called; one alone has no name.
        serves: one for each: takes the messages of a connection to it until that is lost.
        name: MQTT client id, the same at each broker.
        shared: share the packets with other ingest processes.
    """

    def __init__(
        self,
        brokers: Mapping[str, str],
        serves: Sequence[Callable[[AckingClient], Awaitable[None]]],
        *,
        name: str,
        shared: bool,
    ) -> None:
        self._names = list(brokers)
        self._all = [
            Reception(url, serve, name=name, shared=shared)
            for url, serve in zip(brokers.values(), serves, strict=True)
        ]
        self._refused: set[int] = set()

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            ServiceError: all brokers refuse our password or subscription.
        """
        await run_together([self._keep(index) for index in range(len(self._all))])

    def figures(self) -> dict[str, Any]:
        """Return what the system page shows of the connections together.

        ``broker_away_s`` is for how long there has been none at all, s; ``brokers_away`` how many
        there are not; ``brokers`` says of each of several how long it has been away.
        """
        told = [one.figures() for one in self._all]
        summed: dict[str, Any] = {name: sum(one[name] for one in told) for name in told[0]}
        away = [one["broker_away_s"] for one in told]
        summed["broker_away_s"] = min(away)
        summed["brokers_away"] = sum(away_s > 0 for away_s in away)
        if len(told) > 1:
            summed["brokers"] = dict(zip(self._names, away, strict=True))
        return summed

    async def _keep(self, index: int) -> None:
        """Receive from a broker, also after it has refused us."""
        while True:
            try:
                await self._all[index].run()
            except ServiceError as error:
                self._refused.add(index)
                if len(self._refused) == len(self._all):
                    raise
                _log.error("%s; the others go on; next try in %g s", error, REFUSED_S)
            await asyncio.sleep(REFUSED_S)
            self._refused.discard(index)
