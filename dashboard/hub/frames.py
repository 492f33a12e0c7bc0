"""Layout of the binary frames of samples for the browser (read by ``assets/stream/frames.js``).

A websocket message holds a date and one or more frames back to back. The date is 16 bytes: uint8
kind, 2; seven bytes of 0; float64, the hub's Unix time at which the message was sent, s. A frame is
one lead of one packet, little-endian, a multiple of 8 bytes long:

======  =======  ==========================================================================
offset  type     content
======  =======  ==========================================================================
0       uint8    kind, 1
1       uint8    flags: bit 0 lead off, bit 1 history (sent from memory, not as it arrived)
2       uint16   bed index, as in the ``beds`` message
4       uint16   tag of the stream: another power-up, sampling rate or set of leads has
                 another tag, and its sample indices have nothing to do with those before
6       uint8    row of the lead in the bed's list of leads
7       uint8    0
8       float64  index of the first sample within the power-up
16      float64  estimated Unix time of sample 0, s
24      float64  Unix time at which the packet was accepted, s
32      float64  sampling rate, Hz
40      float32  ADC units per mV
44      float32  ADC value at 0 mV
48      uint32   number of samples
52      uint32   number of pacemaker pulses
56      int16[]  samples
...     uint16[] places of the pulses among the samples, then zeros up to a multiple of 8 bytes
======  =======  ==========================================================================
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.types import Int16Array, Packet

KIND_SAMPLES = 1
KIND_DATE = 2
DATE = struct.Struct("<B7xd")
FLAG_LEADOFF = 1
FLAG_HISTORY = 2
HEADER = struct.Struct("<BBHHBxddddffII")
HEADERS = np.dtype(
    {
        "names": ["kind", "flags", "bed", "n0", "count", "pulses"],
        "formats": ["u1", "u1", "<u2", "<f8", "<u4", "<u4"],
        "offsets": [0, 1, 2, 8, 48, 52],
        "itemsize": HEADER.size,
    }
)
"""What `spans` tells of `HEADER`."""
BEDS = TAGS = 1 << 16
"""How many indices of beds, and how many tags, a frame can tell apart."""
_INT16 = np.dtype("<i2")
_UINT16 = np.dtype("<u2")


@dataclass(slots=True, eq=False)
class Frame:
    """One lead of one packet, as sent to browsers.

    Attributes:
        bed: bed index.
        tag: tag of the stream.
        lead: row of the lead in the bed's list.
        n0: index of the first sample.
        start: estimated Unix time of sample 0, s.
        arrival: Unix time of acceptance, s.
        fs: sampling rate, Hz.
        gain: ADC units per mV.
        baseline: ADC value at 0 mV.
        samples: ADC values, shape (n_samples,).
        flags: `FLAG_LEADOFF`, `FLAG_HISTORY`.
        pulses: places of the pacemaker pulses among the samples.
    """

    bed: int
    tag: int
    lead: int
    n0: int
    start: float
    arrival: float
    fs: float
    gain: float
    baseline: float
    samples: Int16Array
    flags: int = 0
    pulses: tuple[int, ...] = ()


def pack(frame: Frame) -> bytes:
    """Return the frame's bytes."""
    count = len(frame.samples)
    header = HEADER.pack(
        KIND_SAMPLES,
        frame.flags,
        frame.bed,
        frame.tag,
        frame.lead,
        frame.n0,
        frame.start,
        frame.arrival,
        frame.fs,
        frame.gain,
        frame.baseline,
        count,
        len(frame.pulses),
    )
    body = frame.samples.astype(_INT16, copy=False).tobytes()
    if frame.pulses:
        body += np.array(frame.pulses, _UINT16).tobytes()
    return header + body + bytes(-len(body) % 8)


@dataclass(slots=True, eq=False)
class PacketFrames:
    """The frames of a packet, one per lead: as `pack` gives them, made when one is asked for.

    Whoever shows the same lead is sent the same bytes: many may not read them yet.

    Attributes:
        packet: the packet.
        bed: bed index.
        tag: tag of the stream.
        start: estimated Unix time of sample 0, s.
        arrival: Unix time of acceptance, s.
        late_s: how late it arrived against the quickest way that its device's packets took, s.
    """

    packet: Packet
    bed: int
    tag: int
    start: float
    arrival: float
    late_s: float = 0.0
    _packed: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def lead(self, row: int, flags: int = 0) -> bytes:
        """Return the frame of a lead.

        Args:
            row: of the lead in the packet.
            flags: `FLAG_HISTORY`, or none.
        """
        packed = self._packed.get((row, flags))
        if packed is None:
            packed = self._packed[row, flags] = self._pack(row, flags)
        return packed

    def _pack(self, row: int, flags: int) -> bytes:
        packet, pulses = self.packet, self.packet.pacer or ()
        if packet.leads[row] in packet.leadoff:
            flags |= FLAG_LEADOFF
        samples = packet.samples[row].astype(_INT16, copy=False).tobytes()
        places = np.array(pulses, _UINT16).tobytes() if pulses else b""
        header = HEADER.pack(
            KIND_SAMPLES,
            flags,
            self.bed,
            self.tag,
            row,
            packet.n0,
            self.start,
            self.arrival,
            packet.fs,
            packet.gain[row],
            packet.baseline[row],
            len(samples) // 2,
            len(pulses),
        )
        return b"".join((header, samples, places, bytes(-(len(samples) + len(places)) % 8)))


def date(now: float) -> bytes:
    """Return what stands ahead of the frames of a message that is sent at Unix time ``now``, s."""
    return DATE.pack(KIND_DATE, now)


def spans(message: bytes) -> Iterator[npt.NDArray[np.void]]:
    """Yield the headers of the frames of a message, as `HEADERS`: of neighbours that are as long.

    For clients that look at no samples.

    Raises:
        ValueError: the message is cut short or holds something else.
    """
    at = DATE.size if message[:1] == bytes((KIND_DATE,)) else 0
    while at < len(message):
        if len(message) - at < HEADERS.itemsize:
            raise ValueError(f"frame at byte {at} is cut short")
        first = np.frombuffer(message, HEADERS, 1, at)[0]
        values = int(first["count"]) + int(first["pulses"])
        size = HEADERS.itemsize + 2 * values + -2 * values % 8
        most = (len(message) - at) // size
        if first["kind"] != KIND_SAMPLES or most == 0:
            raise ValueError(f"no whole frame of samples at byte {at}")
        found = np.ndarray(most, HEADERS, message, at, (size,))
        alike = found["kind"] == KIND_SAMPLES
        alike &= found["count"] == first["count"]
        alike &= found["pulses"] == first["pulses"]
        count = most if alike.all() else int(alike.argmin())
        yield found[:count]
        at += count * size


def unpack(message: bytes) -> Iterator[Frame]:
    """Yield the frames of a message: the inverse of `pack`, for tests and other clients.

    Raises:
        ValueError: the message is cut short or holds something else.
    """
    at = 0
    while at < len(message):
        if message[at] == KIND_DATE:
            at += DATE.size
            continue
        if len(message) - at < HEADER.size:
            raise ValueError(f"frame at byte {at} is cut short")
        kind, flags, bed, tag, lead, n0, start, arrival, fs, gain, baseline, count, given = (
            HEADER.unpack_from(message, at)
        )
        end = at + HEADER.size + 2 * (count + given)
        if kind != KIND_SAMPLES or end > len(message):
            raise ValueError(f"no whole frame of samples at byte {at}")
        samples = np.frombuffer(message, _INT16, count, at + HEADER.size)
        pulses = np.frombuffer(message, _UINT16, given, end - 2 * given).tolist() if given else ()
        scale = (start, arrival, fs, gain, baseline)
        yield Frame(bed, tag, lead, int(n0), *scale, samples, flags, tuple(pulses))
        at = end + -2 * (count + given) % 8
