"""Segments: stretches of one stream of samples, made of packets in any order. Pure.

Packets are kept as they come. A segment lays them in their place: what is missing between them is
`INVALID_SAMPLE`, a hole that is longer than `SPLIT_S` divides segments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from ecg_monitor.core.types import Int16Array
from ecg_monitor.records.recording import INVALID_SAMPLE

SPLIT_S = 60.0
"""A hole longer than this, s, ends a segment: a shorter one is kept as samples without a value."""
MOST_SEGMENTS = 64
"""Segments of one device at one sealing. More come only of a device that scatters its indices or
changes its gain with every packet; the longest are kept, and what is left out is counted."""


class Stream(NamedTuple):
    """What the samples of a segment have in common.

    Attributes:
        device: device id.
        boot: power-up that sample indices count from.
        fs: sampling rate, Hz.
        leads: lead names.
        gain: ADC units per mV, one per lead.
        baseline: ADC value at 0 mV, one per lead.
        stay: identity of the stay of the patient at the bed; empty: nobody was admitted.
        patient: the hospital's number of that patient, or empty.
    """

    device: str
    boot: str
    fs: float
    leads: tuple[str, ...]
    gain: tuple[float, ...]
    baseline: tuple[float, ...]
    stay: str = ""
    patient: str = ""


class Piece(NamedTuple):
    """The samples of one packet.

    Attributes:
        n0: index of the first sample.
        n1: index one past the last.
        samples: little-endian int16 of each lead.
        leadoff: indices of detached leads.
        pulses: sample indices of pacemaker pulses; None: the device does not look for them.
    """

    n0: int
    n1: int
    samples: tuple[bytes, ...]
    leadoff: tuple[int, ...] = ()
    pulses: tuple[int, ...] | None = None


class LeadOff(NamedTuple):
    """Samples ``start`` .. ``end`` (exclusive, indices of the stream): row ``lead`` is detached."""

    lead: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One stretch of samples.

    Attributes:
        stream: what its samples have in common.
        n0: index of its first sample.
        start: Unix time of its first sample, s.
        samples: int16, shape (n_leads, n); `INVALID_SAMPLE` where none came.
        leadoff: stretches of detached leads.
        pulses: sample indices of pacemaker pulses; None: the device does not look for them.
    """

    stream: Stream
    n0: int
    start: float
    samples: Int16Array
    leadoff: tuple[LeadOff, ...] = ()
    pulses: tuple[int, ...] | None = None

    @property
    def n1(self) -> int:
        """Index one past the last sample."""
        return self.n0 + int(self.samples.shape[1])

    @property
    def end(self) -> float:
        """Unix time at which it ends, s."""
        return self.start + (self.n1 - self.n0) / self.stream.fs


@dataclass(slots=True)
class Track:
    """The packets of one stream that are in no segment yet."""

    stream: Stream
    pieces: list[Piece] = field(default_factory=list)

    def segments(self, start: float) -> list[Segment]:
        """Lay the packets in their place.

        Args:
            start: Unix time of sample 0, s.

        Returns:
            segments in order of their samples.
        """
        return [_laid(self.stream, run, start) for run in _runs(self.pieces, self.stream.fs)]


class PacketReader:
    """Reads packets as ingest has stored them (`ecg_monitor.core.wire`), which has checked them.

    Nearly every packet of a device looks like the one before: then the stream is the same object.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[tuple[Any, ...], Stream]] = {}

    def read(
        self, device: str, payload: Mapping[str, Any], whose: tuple[str, str]
    ) -> tuple[Stream, Piece]:
        """Return the stream and the samples of a packet.

        Args:
            device: device id.
            payload: the decoded map.
            whose: stay and patient.

        Raises:
            KeyError: a field is missing: no ingest wrote this.
            TypeError: likewise.
            ValueError: likewise.
        """
        leads = payload["leads"]
        names, samples = tuple(leads), tuple(leads.values())
        if len(set(map(len, samples))) != 1 or not samples[0] or len(samples[0]) % 2:
            raise ValueError("leads have no samples, or not equally many")
        looks = payload["boot"], payload["fs"], names, payload["gain"], payload["baseline"], whose
        known = self._last.get(device)
        if known is not None and known[0] == looks:
            stream = known[1]
        else:
            gain, baseline = (_per_lead(payload[name], len(names)) for name in ("gain", "baseline"))
            fs = float(payload["fs"])
            stream = Stream(device, payload["boot"], fs, names, gain, baseline, *whose)
            self._last[device] = looks, stream
        off, n0, pacer = payload.get("leadoff"), payload["n0"], payload.get("pacer")
        leadoff = tuple(map(names.index, off)) if off else ()
        pulses = None if pacer is None else tuple(n0 + at for at in pacer)
        return stream, Piece(n0, n0 + len(samples[0]) // 2, samples, leadoff, pulses)


def most_of(segments: Sequence[Segment]) -> tuple[list[Segment], int]:
    """Return the longest `MOST_SEGMENTS` in their order, and how many samples are left out."""
    if len(segments) <= MOST_SEGMENTS:
        return list(segments), 0
    longest = sorted(segments, key=lambda one: -one.samples.shape[1])
    kept = set(map(id, longest[:MOST_SEGMENTS]))
    left = sum(one.samples.shape[1] for one in longest[MOST_SEGMENTS:])
    return [one for one in segments if id(one) in kept], left


def _per_lead(value: float | list[float], leads: int) -> tuple[float, ...]:
    if isinstance(value, list):
        return tuple(map(float, value))
    return (float(value),) * leads


def _runs(pieces: Iterable[Piece], fs: float) -> Iterator[list[Piece]]:
    run: list[Piece] = []
    end, longest = 0, SPLIT_S * fs
    for piece in sorted(pieces, key=attrgetter("n0")):
        if run and piece.n0 - end > longest:
            yield run
            run = []
        if not run or piece.n1 > end:
            end = piece.n1
        run.append(piece)
    if run:
        yield run


def _laid(stream: Stream, run: Sequence[Piece], start: float) -> Segment:
    n0, n1 = run[0].n0, max(piece.n1 for piece in run)
    samples = np.full((len(stream.leads), n1 - n0), INVALID_SAMPLE, np.int16)
    for first, rows in _stretches(run):
        for row, parts in zip(samples, rows, strict=True):
            values = np.frombuffer(b"".join(parts), "<i2")
            row[first - n0 : first - n0 + len(values)] = values
    off: dict[int, list[tuple[int, int]]] = {}
    pulses: set[int] | None = None
    for piece in run:
        for lead in piece.leadoff:
            spans = off.setdefault(lead, [])
            if spans and piece.n0 <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], piece.n1))
            else:
                spans.append((piece.n0, piece.n1))
        if piece.pulses is not None:
            pulses = (pulses or set()) | set(piece.pulses)
    return Segment(
        stream,
        n0,
        start + n0 / stream.fs,
        samples,
        tuple(LeadOff(lead, *span) for lead in sorted(off) for span in off[lead]),
        None if pulses is None else tuple(sorted(pulses)),
    )


def _stretches(run: Sequence[Piece]) -> Iterator[tuple[int, list[list[bytes]]]]:
    """Yield stretches without a hole: index of the first sample, and of each lead its bytes.

    Of samples that came twice the first count, as in reassembly.
    """
    first = end = run[0].n0
    rows: list[list[bytes]] = [[] for _ in run[0].samples]
    for n0, n1, samples, _, _ in run:
        if n0 > end:
            yield first, rows
            first = end = n0
            rows = [[] for _ in samples]
        if n1 <= end:
            continue
        known = 2 * (end - n0)
        for parts, raw in zip(rows, samples, strict=True):
            parts.append(raw[known:] if known else raw)
        end = n1
    yield first, rows
