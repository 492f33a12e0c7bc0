"""Tells devices which of their samples are stored. Pure: packets in, payloads out.

The broker's acknowledgement says that the broker has a packet, and a broker may lose what it has
(a crash without persistence, a full queue, a session that has expired). A device that keeps what it
has sent until it hears that it is *stored* loses nothing. A device may as well ignore this.

Topic ``ecg/v1/{device}/receipt``, QoS 0, not retained, JSON::

    {"v": 1, "boot": "k3f9", "stored": [[4320, 4500], [4590, 4680]]}

``stored``: spans of samples of this ``boot``, first and one past the last, that have been stored
since the receipt before; not all that have. A span may come again, and a receipt may get lost: a
device sends again what is not named, and what arrives twice is dropped by the detector.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from ecg_monitor.core import keys

VERSION = 1
EVERY_S = 1.0
"""Least time between two receipts for one device, s."""
MOST_SPANS = 100
"""Most spans kept for one device between two receipts; those beyond come again."""


@dataclass(slots=True)
class _Device:
    told_at: float
    spans: dict[str, list[list[int]]] = field(default_factory=dict)


class Receipts:
    """Collects what has been stored, until it is told."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}

    def stored(self, device: str, boot: str, n0: int, n1: int, clock: float) -> None:
        """Note that samples have been stored.

        Args:
            device: device id.
            boot: power-up that the indices count from.
            n0: first sample.
            n1: one past the last.
            clock: monotonic time, s.
        """
        known = self._devices.get(device)
        if known is None:
            known = self._devices[device] = _Device(clock - EVERY_S)
        spans = known.spans.setdefault(boot, [])
        if spans and spans[-1][0] <= n0 <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], n1)
        elif sum(map(len, known.spans.values())) < MOST_SPANS:
            spans.append([n0, n1])

    def due(self, clock: float) -> Iterator[tuple[str, bytes]]:
        """Yield topics and payloads that are due; each is told once.

        Args:
            clock: monotonic time, s.
        """
        for device, known in list(self._devices.items()):
            if clock - known.told_at < EVERY_S:
                continue
            if not known.spans:
                del self._devices[device]
                continue
            for boot, spans in known.spans.items():
                told = {"v": VERSION, "boot": boot, "stored": spans}
                yield keys.receipt_topic(device), orjson.dumps(told)
            known.spans = {}
            known.told_at = clock
