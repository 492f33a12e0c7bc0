"""Reads and writes a packet by the one before it: those of a device differ in few places. Pure.

The bytes of two packets of a stream are the same but for the values of ``seq``, ``n0`` and ``t0``
and the samples. So where a packet has been read and judged, its fixed bytes are kept with the
places of the others; the next one of the same length and the same fixed bytes has the same form,
names, rate, gains and baselines, all of which have been judged, and only what differs is looked at.
Whatever does not match is read in full (`ecg_monitor.core.wire`), so that nothing passes here that
would not pass there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Self

import numpy as np

from ecg_monitor.core.format import cbor
from ecg_monitor.core.format.ranges import RANGES
from ecg_monitor.core.types import Packet

MOST_DEVICES = 16_384
"""Devices of which shapes are kept, about 2 kB each; at more all are forgotten, and come back."""
MOST_SHAPES = 4
"""Shapes kept per device: with leads detached or not, and of two sources under one id."""

_SEQ, _N0, _T0 = RANGES["seq"], RANGES["n0"], RANGES["t0"]
_LEAST = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}
"""Smallest number that CBOR's shortest form writes in so many bytes (RFC 8949, 4.2.1)."""
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""How `struct` calls them."""
_INT16 = np.dtype("<i2")
_OWN = frozenset({"device", "seq", "n0", "t0", "samples"})
_CONSTANT = attrgetter(*(name for name in Packet.__slots__ if name not in _OWN))
_MARK = b"\xfb"
"""Head of a number of 64-bit floating point."""

Span = tuple[int, int]
"""Places of a stretch of bytes: its first, and one past its last."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What packets of a device have in common.

    Attributes:
        layout: cuts a payload into bytes that all of them have and values, by turns.
        fixed: those bytes.
        seq: place of ``seq`` among the pieces.
        n0: that of ``n0``.
        t0: that of ``t0``.
        rows: those of the samples of each lead.
        least: smallest values of ``seq`` and ``n0`` that CBOR writes in so many bytes.
        like: a packet of that shape.
        is_canonical: the payload is as `ecg_monitor.core.wire.encode_cbor` writes it.
    """

    layout: struct.Struct
    fixed: tuple[bytes, ...]
    seq: int
    n0: int
    t0: int
    rows: tuple[int, ...]
    least: tuple[int, int]
    like: Packet
    is_canonical: bool

    @classmethod
    def of(cls, payload: bytes, packet: Packet, *, is_canonical: bool) -> Self | None:
        """Return the shape of a payload that has been read as ``packet``; None: of no use."""
        if packet.pacer:  # its pulses lie elsewhere in each packet
            return None
        try:
            seq, n0, t0, rows = _places(payload, len(packet.leads))
        except ValueError:
            return None
        codes = {seq: _CODES[seq[1] - seq[0]], n0: _CODES[n0[1] - n0[0]], t0: "d"}
        layout, end, order = ">", 0, sorted([seq, n0, t0, *rows])
        for span in order:
            layout += f"{span[0] - end}s" + codes.get(span, f"{span[1] - span[0]}s")
            end = span[1]
        cut = struct.Struct(f"{layout}{len(payload) - end}s")
        places = {span: 2 * i + 1 for i, span in enumerate(order)}
        least = _LEAST[seq[1] - seq[0]], _LEAST[n0[1] - n0[0]]
        at = places[seq], places[n0], places[t0], tuple(places[row] for row in rows)
        return cls(cut, cut.unpack(payload)[::2], *at, least, packet, is_canonical)

    def read(self, payload: bytes) -> tuple[Packet, bool] | None:
        """Return the packet of a payload, as long as `layout`; None: it is of another shape.

        With it comes whether the payload is canonical.
        """
        pieces = self.layout.unpack(payload)
        if pieces[::2] != self.fixed:
            return None
        seq, n0, t0 = pieces[self.seq], pieces[self.n0], pieces[self.t0]
        if not (_SEQ.holds(seq) and _N0.holds(n0) and _T0.holds(t0)):
            return None
        like = self.like
        samples = b"".join([pieces[row] for row in self.rows])
        packet = Packet(
            like.device,
            like.boot,
            seq,
            n0,
            t0,
            like.fs,
            like.leads,
            like.gain,
            like.baseline,
            np.ndarray(like.samples.shape, _INT16, samples),
            like.leadoff,
            like.pacer,
        )
        return packet, self.is_canonical and seq >= self.least[0] and n0 >= self.least[1]

    def span(self, payload: bytes) -> tuple[int, int] | None:
        """Return the first sample of a payload of this shape, and one past its last; else None."""
        size, fixed = self.layout.size, self.fixed
        if len(payload) != size or (pieces := self.layout.unpack(payload))[::2] != fixed:
            return None
        return pieces[self.n0], pieces[self.n0] + self.like.n_samples

    def write(self, packet: Packet) -> bytes | None:
        """Return the payload of a packet of this shape, as `ecg_monitor.core.wire` would write it.

        None: it is of another, or one of its numbers takes more bytes, or fewer.
        """
        samples, like = packet.samples, self.like
        if samples.shape != like.samples.shape or _CONSTANT(packet) != _CONSTANT(like):
            return None
        if samples.dtype != _INT16 or packet.seq < self.least[0] or packet.n0 < self.least[1]:
            return None
        pieces: list[bytes | int | float] = [b""] * (2 * len(self.fixed) - 1)
        pieces[::2] = self.fixed
        pieces[self.seq], pieces[self.n0], pieces[self.t0] = packet.seq, packet.n0, packet.t0
        for place, row in zip(self.rows, packet.samples, strict=True):
            pieces[place] = row.tobytes()
        try:
            return self.layout.pack(*pieces)
        except struct.error:
            return None


class Shapes:
    """The shapes of the packets of all devices."""

    def __init__(self) -> None:
        self._known: dict[str, list[Shape]] = {}

    def read(self, payload: bytes, device: str) -> tuple[Packet, bool] | None:
        """Return a device's packet and whether its payload is canonical; None: read it in full."""
        for shape in self._known.get(device, ()):
            if shape.layout.size == len(payload):
                found = shape.read(payload)
                if found is not None:
                    return found
        return None

    def note(self, payload: bytes, packet: Packet, *, is_canonical: bool) -> None:
        """Take a payload that has been read in full and judged."""
        shape = Shape.of(payload, packet, is_canonical=is_canonical)
        if shape is None:
            return
        if len(self._known) >= MOST_DEVICES and packet.device not in self._known:
            self._known.clear()
        known = self._known.setdefault(packet.device, [])
        known.insert(0, shape)
        del known[MOST_SHAPES:]


def _places(payload: bytes, leads: int) -> tuple[Span, Span, Span, tuple[Span, ...]]:
    """Return where ``seq``, ``n0``, ``t0`` and the samples of each lead are.

    Raises:
        ValueError: they are not where or what they must be to be found again.
    """
    places: dict[str, Span] = {}
    rows: list[Span] = []
    for name, at in _items(payload, 0):
        kind, value, after = cbor.head(payload, at)
        if name in {"seq", "n0"}:
            if kind != 0 or after - at - 1 not in _LEAST:
                raise ValueError(f"{name} is no number of its own bytes")
            places[name] = at + 1, after
        elif name == "t0":
            if payload[at : at + 1] != _MARK:
                raise ValueError("t0 is no 64-bit number")
            places[name] = at + 1, after
        elif name == "leads":
            for _, row in _items(payload, at):
                kind, value, after = cbor.head(payload, row)
                if kind != cbor.BYTES or value < 0:
                    raise ValueError("samples are no bytes")
                rows.append((after, after + value))
    if len(places) != 3 or len(rows) != leads:
        raise ValueError("a field is missing, or stands twice")
    return places["seq"], places["n0"], places["t0"], tuple(rows)


def _items(payload: bytes, at: int) -> Iterator[tuple[str, int]]:
    """Yield the names in a map, and where the value of each begins."""
    kind, count, at = cbor.head(payload, at)
    if kind != cbor.MAP or count < 0:
        raise ValueError("no map of a given size")
    for _ in range(count):
        kind, length, start = cbor.head(payload, at)
        if kind != cbor.TEXT or length < 0:
            raise ValueError("no text as a name")
        at = start + length
        yield payload[start:at].decode(), at
        at = _end(payload, at)


def _end(payload: bytes, at: int, depth: int = 0) -> int:
    """Return where the item that begins at a place ends."""
    kind, value, at = cbor.head(payload, at)
    if value < 0 or depth > cbor.MOST_DEPTH:
        raise ValueError("an item of no given size")
    if kind in {cbor.BYTES, cbor.TEXT}:
        return at + value
    for _ in range({cbor.ARRAY: value, cbor.MAP: 2 * value}.get(kind, 0)):
        at = _end(payload, at, depth + 1)
    return at
