"""One connected browser: what it may see, what it wants, what waits to be sent to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from dashboard.hub.entries import Partition
from dashboard.hub.outbox import Outbox
from dashboard.hub.requests import NO_UNIT, RateLimit, Subscription
from ecg_monitor.ward.units.sight import EVERYTHING, VisibleBeds


@dataclass(slots=True, eq=False)
class Client:
    """One connected browser.

    Attributes:
        outbox: what waits to be sent to it.
        subscription: what it wants; None until it has asked.
        limit: how often it may ask.
        sight: which beds its session may see; nothing is told of others, whatever it wants.
    """

    outbox: Outbox
    subscription: Subscription | None = None
    limit: RateLimit = field(default_factory=RateLimit)
    sight: VisibleBeds = EVERYTHING

    def wants(self, device: str) -> bool:
        """Return whether the signal and the numbers of a bed are sent to it."""
        asked = self.subscription
        if asked is None or not self.sight.sees(device) or not asked.wants(device):
            return False
        if asked.unit is None:
            return True
        unit = self.sight.unit_of(device)
        return asked.unit == (NO_UNIT if unit is None else unit.id)

    def wants_alarms(self, device: str) -> bool:
        """Return whether it is told of the alarms of a bed, and so of its name.

        A page that asks for all alarms hears of all beds that it may see, whatever unit it shows.
        """
        asked = self.subscription
        if asked is None or not self.sight.sees(device):
            return False
        return asked.all_alarms or self.wants(device)


def system_text(
    partitions: Iterable[Partition], sight: VisibleBeds, now: float, losses: Mapping[str, int]
) -> bytes:
    """Return the figures of the system page, without devices that its visitor does not see.

    Args:
        partitions: what is known of each.
        sight: what the visitor sees.
        now: Unix time, s.
        losses: what the hub has dropped, and could not read.
    """
    known = list(partitions)
    told = [one.to_map(now) for one in known]
    for one in told:
        one["refusals"] = [row for row in one["refusals"] if sight.sees(row["device"])]
    counters = {
        name: count
        for one in known
        for name, count in one.counters.items()
        if sight.sees(name.partition("|")[0])
    }
    return orjson.dumps({"t": "system", "partitions": told, "counters": counters, **losses})
