"""Packets of beds that no page watches: put aside as they come, and read when somebody looks.

What a page is told of such a bed (its name, its alarms, what its device says) comes by other ways,
and its beats and numbers are taken as ever. So a wall of one care unit costs the hub what the beds
of that unit cost, and next to nothing for the others.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator

from dashboard.hub import entries
from dashboard.hub.requests import HISTORY_S
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.types import Packet

log = logging.getLogger(__name__)


class UnwatchedBeds:
    """The last `HISTORY_S` seconds of beds that nobody watches, as they lie in the wave streams.

    Attributes:
        unreadable: entries that turned out to be malformed when they were read.
    """

    def __init__(self) -> None:
        self.unreadable = 0
        self._held: dict[str, deque[tuple[float, entries.Fields]]] = {}

    def hold(self, device: str, fields: entries.Fields) -> float | None:
        """Put an entry of a wave stream aside; return when it arrived, Unix s.

        Returns:
            None if the entry does not say when it arrived: it was not put aside.
        """
        try:
            arrival = float(fields[b"t"])
        except (KeyError, ValueError):
            return None
        held = self._held.setdefault(device, deque())
        held.append((arrival, fields))
        while held[0][0] < arrival - HISTORY_S:
            held.popleft()
        return arrival

    def read(self, device: str) -> Iterator[tuple[Packet, float]]:
        """Yield the packets of a bed that were put aside, oldest first, with their arrivals."""
        for _, fields in self._held.pop(device, ()):
            try:
                yield entries.packet(fields)
            except WireError as error:
                self.unreadable += 1
                log.warning("%s: skipped a packet: %s", device, error)

    def forget(self, device: str) -> None:
        """Forget a bed that is gone."""
        self._held.pop(device, None)
