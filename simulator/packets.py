"""From a patient's signal to the packets and the truth that a device publishes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

from ecg_monitor.core import wire
from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Packet
from simulator.events import Send, Truth
from simulator.synthetic.marks import Block

_TRUTH_S = 1.0
"""Span of one truth message, at least: one a second costs little beside the packets."""


class Source(Protocol):
    """A patient: `Replay` of a recording, or a synthetic one."""

    @property
    def fs(self) -> float:
        """Sampling rate in Hz."""

    @property
    def leads(self) -> tuple[str, ...]:
        """Lead names."""

    @property
    def gain(self) -> float | tuple[float, ...]:
        """ADC units per mV, of all leads or one per lead."""

    @property
    def baseline(self) -> float | tuple[float, ...]:
        """ADC value at 0 mV, of all leads or one per lead."""

    def read(self, n: int) -> Block:
        """Return the next ``n`` samples, fewer when the signal is over."""


def packetize(
    source: Source, device: str, boot: str, *, packet_s: float, start: float
) -> Iterator[Send | Truth]:
    """Cut a signal into packets of ``packet_s`` seconds, and follow each second with its truth.

    ``leadoff`` of a packet holds for all of it, so a packet is cut in two where a lead comes off or
    on. A packet's ``t0`` is device time: ``start`` plus the signal time of its first sample, at
    whatever speed it is played.

    Args:
        source: the patient.
        device: device id.
        boot: id of this power-up.
        packet_s: length of a packet, s.
        start: device time of sample 0, Unix seconds.

    Raises:
        RecordError: the wire format does not allow this sampling rate or number of leads.
    """
    fs, leads = source.fs, source.leads
    gain, baseline = (per_lead(value, leads) for value in (source.gain, source.baseline))
    if not wire.FS_MIN_HZ <= fs <= wire.FS_MAX_HZ:
        raise RecordError(
            f"{device}: cannot send {fs:g} Hz; the wire format takes "
            f"{wire.FS_MIN_HZ:g} to {wire.FS_MAX_HZ:g} Hz"
        )
    if len(leads) > wire.MAX_LEADS:
        raise RecordError(f"{device}: cannot send {len(leads)} leads; at most {wire.MAX_LEADS}")
    length = max(1, round(packet_s * fs))
    per_block = max(1, -int(-_TRUTH_S // packet_s))
    seq = 0
    while (block := source.read(length * per_block)).samples.shape[1]:
        first, end = block.n0, block.n1
        cuts = [*range(first, end, length), end]
        if block.leadoff:
            edges = {edge for span in block.leadoff for edge in (span.start, span.end)}
            cuts = sorted({edge for edge in edges if first <= edge <= end}.union(cuts))
        for n0, n1 in pairwise(cuts):
            pulses = block.pulses
            if pulses is not None:
                pulses = tuple(n - n0 for n in pulses if n0 <= n < n1)
            leadoff: tuple[str, ...] = ()
            if block.leadoff:
                off = {s.lead for s in block.leadoff if s.start <= n0 and n1 <= s.end}
                leadoff = tuple(lead for lead in leads if lead in off)
            samples = block.samples[:, n0 - first : n1 - first]
            t0 = start + n0 / fs
            packet = Packet(
                device, boot, seq, n0, t0, fs, leads, gain, baseline, samples, leadoff, pulses
            )
            yield Send(n1 / fs, packet)
            seq += 1
        yield Truth(
            due=end / fs,
            boot=boot,
            fs=fs,
            n0=first,
            n1=end,
            beats=tuple((beat.sample, beat.symbol) for beat in block.beats),
            rhythms=tuple((rhythm.sample, rhythm.aux) for rhythm in block.rhythms),
        )


def per_lead(value: float | tuple[float, ...], leads: tuple[str, ...]) -> tuple[float, ...]:
    """Return one number per lead, from one for all or one for each."""
    return value if isinstance(value, tuple) else (float(value),) * len(leads)
