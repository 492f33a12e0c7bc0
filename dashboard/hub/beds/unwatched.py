"""What comes for beds that no page watches: put aside unread, and read when somebody looks.

What a page is told of such a bed (its name, its alarms, what its device says) comes by other ways.
Its packets and events are kept as they lie in the streams: the last seconds of signal that a page
shows when it opens, and the last minute of events, from which come its beats and numbers. So a wall
costs the hub what the beds on it cost, and next to nothing for all others.

Entries are looked at as the lists of words that Redis answers with; the device is their second.
Those whose names are not in the order in which ingest and the detector write them are read at once.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any

from dashboard.hub import entries
from dashboard.hub.requests import HISTORY_S
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.remote.streams import entry_ms
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal.sources import CONTESTED_S

log = logging.getLogger(__name__)

SIGNAL_S = HISTORY_S + CONTESTED_S
"""Packets are kept for so long, s: what a page that opens is sent, and what came ahead of it while
it was not yet known which of two sources is followed."""
EVENTS_S = 65.0
"""Events are kept for so long, s: ventricular beats are counted over a minute, and the last minute
of beats is listed when a page opens."""
PRUNE_EVERY_S = 5.0
"""So often is what is older let go, s."""


@dataclass(frozen=True, slots=True)
class PastPacket:
    """A packet that was put aside, and when it arrived, Unix s."""

    packet: Packet
    arrival: float


@dataclass(frozen=True, slots=True)
class PastEvents:
    """Events that were put aside, and the power-up that they are of."""

    boot: str
    events: list[dict[str, Any]]


@dataclass(slots=True)
class UnwatchedBed:
    """What has come for one bed since nobody watches it.

    Attributes:
        packets: when each was put aside (Unix s), its arrival (likewise, text) and payload.
        events: when each entry was put aside, its id in the stream, power-up and JSON.
    """

    packets: deque[tuple[float, bytes, bytes]] = field(default_factory=deque)
    events: deque[tuple[float, bytes, bytes, bytes]] = field(default_factory=deque)

    def newest(self) -> float:
        """Return when the newest packet arrived, Unix s; 0: none has, or it does not say."""
        return _seconds(self.packets[-1][1]) if self.packets else 0.0

    def prune(self) -> None:
        """Forget what is older than a page that opens is told, counted from the newest."""
        for kept, seconds in ((self.packets, SIGNAL_S), (self.events, EVENTS_S)):
            while kept and kept[0][0] < kept[-1][0] - seconds:
                kept.popleft()


def _seconds(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


class UnwatchedBeds:
    """The beds that nobody watches.

    Attributes:
        unreadable: entries that turned out to be malformed when they were read.
    """

    def __init__(self) -> None:
        self.unreadable = 0
        self._beds: dict[bytes, UnwatchedBed] = {}
        self._pruned_at = 0.0

    def add(self, device: str) -> None:
        """Put aside what comes for a bed from now on."""
        self._beds.setdefault(device.encode(), UnwatchedBed())

    def __contains__(self, device: str) -> bool:
        return device.encode() in self._beds

    def hold_packets(self, found: Sequence[Any], now: float) -> tuple[list[list[bytes]], float]:
        """Put entries of a wave stream aside.

        Args:
            found: id and words of each.
            now: Unix time, s.

        Returns:
            The words of those that are to be read, and when the last of the others arrived, Unix s;
            0: there is none, or it does not say.
        """
        beds, rest, arrival = self._beds, [], b""
        for _, words in found:
            bed = beds.get(words[1])
            if bed is None or words[::2] != entries.PACKET.names:
                rest.append(words)
            else:
                arrival = words[3]
                bed.packets.append((now, arrival, words[5]))
        return rest, _seconds(arrival)

    def hold_events(self, found: Sequence[Any], now: float) -> list[list[bytes]]:
        """Put entries of an event stream aside; return the words of those that are to be read.

        Arguments as of `hold_packets`.
        """
        beds, rest = self._beds, []
        for entry, words in found:
            bed = beds.get(words[1])
            if bed is None or words[::2] != entries.EVENTS.names:
                rest.append(words)
            else:
                bed.events.append((now, entry, words[3], words[9]))
        return rest

    def prune(self, now: float) -> None:
        """Forget what is too old to be told to a page that opens; call it now and then.

        Args:
            now: Unix time, s.
        """
        if abs(now - self._pruned_at) < PRUNE_EVERY_S:
            return
        self._pruned_at = now
        for bed in self._beds.values():
            bed.prune()

    def newest(self, device: str) -> float:
        """Return when the newest packet of a bed that was put aside arrived, Unix s; 0: none."""
        bed = self._beds.get(device.encode())
        return 0.0 if bed is None else bed.newest()

    def read(self, device: str) -> Iterator[PastPacket | PastEvents]:
        """Yield what was put aside for a bed in the order in which it came, and put no more aside.

        What is malformed is counted and passed over.
        """
        bed = self._beds.pop(device.encode(), None)
        if bed is None:
            return
        bed.prune()
        packets = ((_seconds(t), 0, (t, payload)) for _, t, payload in bed.packets)
        events = ((entry_ms(entry) / 1000, 1, (boot, text)) for _, entry, boot, text in bed.events)
        for _, is_events, (first, second) in merge(packets, events, key=lambda one: one[:2]):
            try:
                if is_events:
                    yield PastEvents(*entries.events_of(first, second))
                else:
                    yield PastPacket(*entries.packet_of(device, first, second))
            except WireError as error:
                self.unreadable += 1
                log.warning("%s: skipped an entry: %s", device, error)

    def forget(self, device: str) -> None:
        """Forget a bed that is gone."""
        self._beds.pop(device.encode(), None)
