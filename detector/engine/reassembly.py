"""Puts the packets of one stream back in order by sample index. Sans I/O, no clock.

Duplicates are dropped, reordered packets healed, and what does not come is declared a gap once
`REORDER_S` of later signal has arrived, so the wait is bounded by signal and not by a clock, and
the outcome does not depend on when packets came. A gap of less than `HOLE_S` does not end the
stretch: it is handed on as a hole in it, marked and counted (`detector.engine.intake`).

The wait counts the *amount* of waiting signal, not its distance: one packet with an absurd index
cannot make the stream jump ahead and shut out all that follows. What lies over `FAR_S` ahead is
believed only if as much comes there while nothing comes where the stream goes on: not even a
second source of such packets then shuts it out.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field, replace
from operator import attrgetter

from detector.engine.intake import HOLE_S
from ecg_monitor.core.checkpoint.fields import Configuration
from ecg_monitor.core.types import Int16Array, Packet

REORDER_S = 2.0
"""Signal that may wait for a missing packet, s: IEC 60601-2-27 allows 10 s for asystole, and the
engine needs 5 s for it."""


FAR_S = 3600.0
"""Distance ahead, s, up to which a device that sends live signal and what it has kept, side by
side, is believed: the live signal goes first."""
MAX_LOST = 32
"""Lost stretches remembered, so that late packets can be told from duplicates."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the samples of a packet are to be read; it may change from packet to packet.

    Attributes:
        leads: names, in the order of the rows.
        gain: ADC units per mV, one per lead.
        baseline: ADC value at 0 mV, one per lead.
    """

    leads: tuple[str, ...]
    gain: tuple[float, ...]
    baseline: tuple[float, ...]

    def reads(self, packet: Packet) -> bool:
        """Return whether a packet's samples are to be read so."""
        return (
            self.leads == packet.leads
            and self.gain == packet.gain
            and self.baseline == packet.baseline
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples in their place.

    Attributes:
        n0: index of the first sample.
        samples: shape (n_leads, n), int16.
        leadoff: bit ``i`` set: lead ``i`` is detached.
        after_gap: the samples just before ``n0`` are missing (or never were), and too many for
            the stretch to go on.
        hole: so many samples before ``n0`` are missing, and the stretch goes on.
        pulses: indices of the pacemaker pulses in it; None: the device does not look for them.
        form: how they are to be read; None: as agreed.
    """

    n0: int
    samples: Int16Array
    leadoff: int = 0
    after_gap: bool = False
    pulses: tuple[int, ...] | None = None
    form: Form | None = None
    hole: int = 0

    @property
    def n1(self) -> int:
        """Index one past the last sample."""
        return self.n0 + int(self.samples.shape[1])

    def part(self, start: int, end: int) -> Chunk:
        """Return the samples from index ``start`` to ``end`` (exclusive)."""
        samples = self.samples[:, start - self.n0 : end - self.n0]
        pulses = self.pulses
        if pulses is not None:
            pulses = tuple(n for n in pulses if start <= n < end)
        return Chunk(start, samples, self.leadoff, pulses=pulses, form=self.form)


@dataclass(slots=True)
class Counts:
    """What became of the samples of one stream, per lead: every ``n0`` is accounted for.

    Attributes:
        accepted: handed on.
        duplicate: repeated what had come.
        late: came after they had been declared missing.
        missing: never came, or late.
        bridged: of those that are missing, the ones in holes over which the analysis went on.
        stray: lay so far ahead that nothing followed them.
    """

    accepted: int = 0
    duplicate: int = 0
    late: int = 0
    missing: int = 0
    bridged: int = 0
    stray: int = 0


@dataclass(slots=True)
class Reassembler:
    """Order of one stream: one device, one boot, one set of leads at one rate.

    Attributes:
        fs: sampling rate in Hz.
        next_n: index of the next sample to hand on, or None before the first packet.
        waiting: chunks that lie beyond a hole: disjoint, by index. A stream that is joined in
            the middle waits too, in case its first packets came out of order.
        strays: chunks that lie far ahead, in order of arrival, since the stream went on last.
        lost: stretches declared missing that a late packet could still name, newest last.
        counts: what became of the samples.
    """

    fs: Configuration[float]
    next_n: int | None = None
    waiting: list[Chunk] = field(default_factory=list)
    strays: list[Chunk] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def feed(
        self,
        n0: int,
        samples: Int16Array,
        leadoff: int = 0,
        pulses: tuple[int, ...] | None = None,
        form: Form | None = None,
    ) -> list[Chunk]:
        """Take one packet; return the chunks that are now in order.

        Args:
            n0: index of its first sample.
            samples: shape (n_leads, n), int16.
            leadoff: bit mask of detached leads.
            pulses: as of `Chunk`.
            form: as of `Chunk`.
        """
        chunk = Chunk(n0, samples, leadoff, pulses=pulses, form=form)
        if n0 == self.next_n and not self.waiting and not self.strays:  # the usual case, first
            self.next_n = n0 + samples.shape[1]
            self.counts.accepted += samples.shape[1]
            return [chunk]
        bound = REORDER_S * self.fs
        for believed in self._near(chunk, bound):
            for piece in self._unseen(believed):
                insort(self.waiting, piece, key=attrgetter("n0"))
        chunks: list[Chunk] = []
        while self.waiting and (self._is_next() or self.waiting_samples >= bound):
            chunks.append(self._take())
        return chunks

    def finish(self) -> list[Chunk]:
        """Hand on all that waits; holes become gaps. The stream has ended."""
        self._give_strays_up()
        chunks: list[Chunk] = []
        while self.waiting:
            chunks.append(self._take())
        return chunks

    @property
    def waiting_samples(self) -> int:
        """Samples per lead that wait for a missing packet."""
        return _length(self.waiting)

    def _near(self, chunk: Chunk, bound: float) -> list[Chunk]:
        """Return what is believed: a chunk that is near, or all that lies far ahead, if enough."""
        if self.next_n is None or chunk.n0 - self.next_n <= FAR_S * self.fs:
            if self.next_n is None or chunk.n1 > self.next_n:  # a repeat does not go on
                self._give_strays_up()
            return [chunk]
        self.strays.append(chunk)
        if _length(self.strays) < bound:
            return []
        believed, self.strays = self.strays, []
        return believed

    def _give_strays_up(self) -> None:
        self.counts.stray += _length(self.strays)
        self.strays = []

    def _unseen(self, chunk: Chunk) -> list[Chunk]:
        """Return what of the chunk is neither behind nor waiting already; count the rest."""
        if self.next_n is not None and chunk.n0 < self.next_n:
            behind = min(chunk.n1, self.next_n) - chunk.n0
            late = sum(max(0, min(b, chunk.n1) - max(a, chunk.n0)) for a, b in self.lost)
            self.counts.late += late
            self.counts.duplicate += behind - late
            if chunk.n1 <= self.next_n:
                return []
            chunk = chunk.part(self.next_n, chunk.n1)
        pieces: list[Chunk] = []
        n = chunk.n0
        for other in self.waiting:
            if other.n1 <= n:
                continue
            if other.n0 >= chunk.n1:
                break
            if other.n0 > n:
                pieces.append(chunk.part(n, other.n0))
            self.counts.duplicate += min(other.n1, chunk.n1) - max(other.n0, n)
            n = other.n1
        if n < chunk.n1:
            pieces.append(chunk.part(n, chunk.n1))
        return pieces

    def _is_next(self) -> bool:
        """Whether nothing can come before the first waiting chunk."""
        first = self.waiting[0].n0
        return first == (0 if self.next_n is None else self.next_n)

    def _take(self) -> Chunk:
        """Hand on the first waiting chunk; what lies before it is lost."""
        chunk = self.waiting.pop(0)
        after_gap = chunk.n0 != self.next_n
        hole = 0
        if after_gap and self.next_n is not None:
            self.counts.missing += chunk.n0 - self.next_n
            if chunk.n0 - self.next_n < HOLE_S * self.fs:
                hole, after_gap = chunk.n0 - self.next_n, False
                self.counts.bridged += hole
            self.lost = [*self.lost[1 - MAX_LOST :], (self.next_n, chunk.n0)]
        self.next_n = chunk.n1
        self.counts.accepted += chunk.samples.shape[1]
        return replace(chunk, after_gap=after_gap, hole=hole)


def _length(chunks: list[Chunk]) -> int:
    """Samples per lead of chunks."""
    return sum(chunk.samples.shape[1] for chunk in chunks)
