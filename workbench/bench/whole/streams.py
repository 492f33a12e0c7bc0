"""Reads the streams of packets and events for a `Follower`, and looks at no more than it counts.

Of a packet that is like the one before it from its device only the places of its samples are read;
events of kinds that nobody counts are not decoded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import orjson

from ecg_monitor.core import keys, store, wire
from ecg_monitor.core.format.shapes import fixed_bytes
from ecg_monitor.core.types import Packet
from workbench.bench.whole.follower import DeviceAccount, Follower

GATHER_S = 0.01
"""Least time between the beginnings of two reads, s: what is read is later by half of it."""
BLOCK_MS = 500
READ_COUNT = 1000
"""Most entries of a stream in a read."""
_COUNTED = (b'"r_peak"', b'"beat"', b'"alarm"')
"""Events that are counted, as they stand in JSON."""
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
"""Bytes of a number beyond its head, by the head (RFC 8949, 3.1)."""
_T0_BYTES = 9
"""Length of a 64-bit floating-point number with its head."""


class PacketForm:
    """The bytes that a packet has in common with those of its device that are like it."""

    def __init__(self, payload: bytes, packet: Packet) -> None:
        start, to_n0, to_t0, to_rows, *_ = fixed_bytes(payload)
        self._start, self._to_n0, self._to_t0, self._to_rows = start, to_n0, to_t0, to_rows
        self._n_samples = packet.n_samples
        seq_end = len(start) + _width(payload, len(start))
        n0_at = seq_end + len(to_n0)
        self._rest = len(payload) - n0_at - _width(payload, n0_at)

    def span(self, payload: bytes) -> tuple[int, int] | None:
        """Return the first sample of a packet and one past its last; None: it is of another form.

        What stands between sequence, time and the first lead's samples, and the length of all that
        follows, must be the same: then there are as many samples of the same signal.
        """
        if not payload.startswith(self._start):
            return None
        at = len(self._start) + _width(payload, len(self._start))
        if not payload.startswith(self._to_n0, at):
            return None
        at += len(self._to_n0)
        width = _width(payload, at)
        n0 = payload[at] if width == 1 else int.from_bytes(payload[at + 1 : at + width])
        at += width
        if len(payload) - at != self._rest or not payload.startswith(self._to_t0, at):
            return None
        if not payload.startswith(self._to_rows, at + len(self._to_t0) + _T0_BYTES):
            return None
        return n0, n0 + self._n_samples


def _width(payload: bytes, at: int) -> int:
    """Return how many bytes a number takes."""
    return 1 + _WIDTHS.get(payload[at], 0)


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
        self._forms: dict[bytes, tuple[PacketForm, DeviceAccount]] = {}

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
        _, device, _, arrival, _, payload = words
        form, account = self._forms.get(device, (None, None))
        span = None if form is None else form.span(payload)
        if span is not None and account is not None:
            self._follower.samples(account, *span, float(arrival), now)
            return
        packet = wire.read(payload, device.decode(), ours=True)
        self._follower.packet(packet, float(arrival), now)
        self._forms[device] = PacketForm(payload, packet), self._follower.devices[packet.device]

    def events(self, words: Sequence[bytes], now: float) -> None:
        """Take an entry of an event stream, likewise."""
        found: dict[Any, bytes] = dict(zip(words[::2], words[1::2], strict=True))
        device, text = found[b"d"].decode(), found[b"j"]
        if any(kind in text for kind in _COUNTED):
            for event in orjson.loads(text):
                self._follower.event(device, event, now)
        else:
            self._follower.analysed(device)
