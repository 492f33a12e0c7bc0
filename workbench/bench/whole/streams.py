"""Reads the streams of packets and events for a `Follower`, and looks at no more than it counts.

Of a packet that is of the shape of the one before it only the places of its samples are read;
events of kinds that nobody counts are not decoded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import orjson

from dashboard.hub import entries
from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.format.shapes import Shape
from workbench.bench.whole.follower import DeviceAccount, Follower

GATHER_S = 0.01
"""Least time between the beginnings of two reads, s: what is read is later by half of it."""
BLOCK_MS = 500
READ_COUNT = 1000
"""Most entries of a stream in a read."""
_COUNTED = (b'"r_peak"', b'"beat"', b'"alarm"')
"""Events that are counted, as they stand in JSON."""


class StreamFollower:
    """Follows the streams of all partitions.

    Args:
        follower: takes what is read.
        partitions: how many there are.
    """

    def __init__(self, follower: Follower, partitions: int) -> None:
        self._follower = follower
        self._waves = {keys.wave(one) for one in range(partitions)}
        streams = [*self._waves, *(keys.events(one) for one in range(partitions))]
        self._positions: dict[str, str | bytes] = dict.fromkeys(streams, "0-0")
        self._shapes: dict[bytes, tuple[Shape, DeviceAccount]] = {}

    async def follow(self, client: store.Store) -> None:
        """Read until cancelled.

        Raises:
            StoreError: Redis does not answer.
        """
        while True:
            began = time.monotonic()
            await self.read(client)
            await asyncio.sleep(max(0.0, began + GATHER_S - time.monotonic()))

    async def read(self, client: store.Store) -> None:
        """Take what has come, waiting for it for a moment.

        Raises:
            StoreError: Redis does not answer.
        """
        answer = await store.read_words(client, self._positions, READ_COUNT, BLOCK_MS)
        now = time.time()
        for stream, found in answer:
            self._positions[stream] = found[-1][0]
            take = self.packet if stream in self._waves else self.events
            for _, words in found:
                take(words, now)

    def packet(self, words: Sequence[bytes], now: float) -> None:
        """Take an entry of a wave stream by its names and values, read at Unix time ``now``, s."""
        device, arrived, payload = entries.PACKET.values(words)
        arrival = float(arrived)
        known = self._shapes.get(device)
        span = None if known is None else known[0].span(payload)
        if span is not None and known is not None:
            self._follower.samples(known[1], *span, arrival, now)
            return
        packet = wire.read(payload, device.decode(), ours=True)
        self._follower.packet(packet, arrival, now)
        shape = Shape.of(payload, packet, is_canonical=True)
        if shape is not None:
            self._shapes[device] = shape, self._follower.devices[packet.device]

    def events(self, words: Sequence[bytes], now: float) -> None:
        """Take an entry of an event stream, likewise."""
        name, _, text = entries.EVENTS.values(words)
        device = name.decode()
        if any(kind in text for kind in _COUNTED):
            for event in orjson.loads(text):
                self._follower.event(device, event, now)
        else:
            self._follower.analysed(device)
