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
from dataclasses import dataclass

import numpy as np

from ecg_monitor.core.types import Int16Array, Packet

KIND_SAMPLES = 1
KIND_DATE = 2
DATE = struct.Struct("<B7xd")
FLAG_LEADOFF = 1
FLAG_HISTORY = 2
HEADER = struct.Struct("<BBHHBxddddffII")
TAGS = 1 << 16
_SPAN = struct.Struct("<BBH4xd32xII")
"""Of a header: kind, flags, bed, first sample, number of samples, of pulses."""
_FLAGS_OFFSET = 1
_INT16 = np.dtype("<i2")
_UINT16 = np.dtype("<u2")


@dataclass(frozen=True, slots=True, eq=False)
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


def pack_packet(
    packet: Packet, bed: int, tag: int, start: float, arrival: float
) -> tuple[bytes, ...]:
    """Return the frames of a packet, one per lead: as `pack` gives them, in a third of the time.

    Args:
        packet: the packet.
        bed: bed index.
        tag: tag of the stream.
        start: estimated Unix time of sample 0, s.
        arrival: Unix time of acceptance, s.
    """
    count, pulses = packet.samples.shape[1], packet.pacer or ()
    places = np.array(pulses, _UINT16).tobytes() if pulses else b""
    places += bytes(-(2 * count + len(places)) % 8)
    times, sizes = (packet.n0, start, arrival, packet.fs), (count, len(pulses))
    samples = packet.samples.astype(_INT16, copy=False)
    found = []
    for lead, name in enumerate(packet.leads):
        flags = FLAG_LEADOFF if name in packet.leadoff else 0
        scale = packet.gain[lead], packet.baseline[lead]
        header = HEADER.pack(KIND_SAMPLES, flags, bed, tag, lead, *times, *scale, *sizes)
        found.append(b"".join((header, samples[lead].tobytes(), places)))
    return tuple(found)


def date(now: float) -> bytes:
    """Return what stands ahead of the frames of a message that is sent at Unix time ``now``, s."""
    return DATE.pack(KIND_DATE, now)


def as_history(packed: bytes) -> bytes:
    """Return the same frame, marked as sent from memory."""
    flags = packed[_FLAGS_OFFSET] | FLAG_HISTORY
    return packed[:_FLAGS_OFFSET] + bytes([flags]) + packed[_FLAGS_OFFSET + 1 :]


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
        pulses = np.frombuffer(message, _UINT16, given, end - 2 * given).tolist()
        scale = (start, arrival, fs, gain, baseline)
        yield Frame(bed, tag, lead, int(n0), *scale, samples, flags, tuple(pulses))
        at = end + -2 * (count + given) % 8


def spans(message: bytes) -> Iterator[tuple[int, int, float, int]]:
    """Yield flags, bed, first sample and number of samples of the frames of a message.

    For who counts samples and looks at none.

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
        kind, flags, bed, n0, count, given = _SPAN.unpack_from(message, at)
        size = 2 * (count + given)
        if kind != KIND_SAMPLES or at + HEADER.size + size > len(message):
            raise ValueError(f"no whole frame of samples at byte {at}")
        yield flags, bed, n0, count
        at += HEADER.size + size + -size % 8
