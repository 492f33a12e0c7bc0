"""Which signal is followed where several come under one device id. Pure, no clock.

A device that starts anew begins another power-up (``boot``), and so does another device under the
same id. Both look alike at their first packet; what tells them apart is whether the former goes on.
So the source that is followed stays followed while it brings new samples, whatever else comes, and
what comes besides is held back. Once the other has brought `HANDOVER_S` and the one followed
nothing, the other is followed from the first packet that was held: after a restart nothing is lost.
Where both go on, one of them is followed and `Sources.mixed` says so; when it falls silent the
other takes its place. No source is barred for good: only samples that lie behind what it has
already brought are old.

A source is known by boot and sampling rate, and by having a lead in common. Samples of the same
boot that lie behind are repeats, unless the device's clock (``t0``) has gone on: then its counter
has begun again, and that is another source too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from ecg_monitor.core.types import Packet

HANDOVER_S = 2.0
"""Signal of another source after which it is followed, if the one followed brings none, s: as long
as analysis waits for a missing packet."""
CONTESTED_S = 5.0
"""The same where both have been seen to go on, or where the counter of one boot seems to have begun
again, s: packets of one may be held up by the network for that long (`no_data` says so then)."""
HELD_S = 5.0
"""Signal of another source that is held, s: the newest."""
DOUBT = 4.0
"""By how much a second of the source that is followed weighs more than one of another: what brings
less than a quarter of a signal does not bar a whole one."""
MIXED_S = 2.0
"""Signal of either side, in s, after which two sources are told: stragglers of a former boot are
shorter."""
QUIET_S = 10.0
"""Signal, in s, without any packet of another source, after which it has left."""
REACH_S = 3.0
"""How far ahead of a source's newest sample its next may lie, s. Farther off it is believed only
when `HANDOVER_S` of signal has come there and nothing in between."""
MOST_PAST, MOST_CLAIMS = 8, 4
"""Sources that are remembered after they have been left, and that are held at a time."""


@dataclass(slots=True)
class Source:
    """One signal under a device id.

    Attributes:
        boot: power-up.
        fs: sampling rate, Hz.
        leads: of its newest packet.
        front: index one past its newest sample.
        t0: device time of its newest packet, Unix s.
        far_s: signal that has come far ahead of the front since anything came in its place, s.
    """

    boot: str
    fs: float
    leads: tuple[str, ...]
    front: int
    t0: float
    far_s: float = 0.0

    @classmethod
    def before(cls, packet: Packet) -> Self:
        """Return the source of a packet as it is before it has brought that packet."""
        return cls(packet.boot, packet.fs, packet.leads, packet.n0, packet.t0 - 1)

    def fits(self, packet: Packet) -> bool:
        """Return whether a packet may be of this source, by what does not change within it."""
        return (
            self.boot == packet.boot
            and self.fs == packet.fs
            and (self.leads == packet.leads or not set(self.leads).isdisjoint(packet.leads))
        )

    def is_old(self, packet: Packet) -> bool:
        """Return whether this source had gone beyond a packet of its boot when it was sent."""
        return packet.n0 < self.front and packet.t0 <= self.t0

    def bring(self, packet: Packet) -> float:
        """Take a packet; return how much new signal it has brought, s."""
        n1 = packet.n1
        if n1 <= self.front:
            return 0.0
        new_s = (n1 - max(packet.n0, self.front)) / packet.fs
        if packet.n0 > self.front + REACH_S * self.fs:
            self.far_s += new_s
            if self.far_s < HANDOVER_S:
                return new_s
        self.front, self.t0, self.leads, self.far_s = n1, packet.t0, packet.leads, 0.0
        return new_s


@dataclass(slots=True)
class Claim:
    """A source that comes besides the one followed.

    Attributes:
        source: what it has brought.
        credit_s: how much of that lately, without the other bringing any, s.
        held: its newest packets, in order of arrival.
    """

    source: Source
    credit_s: float = 0.0
    held: list[Packet] = field(default_factory=list)

    @property
    def samples(self) -> int:
        """Samples per lead that are held."""
        return sum(packet.n_samples for packet in self.held)

    def hold(self, packet: Packet) -> int:
        """Keep a packet; return how many samples per lead had to be given up for it."""
        if any(known.n0 == packet.n0 for known in self.held):
            return packet.n_samples
        self.held.append(packet)
        dropped = 0
        while self.samples > HELD_S * self.source.fs and len(self.held) > 1:
            dropped += self.held.pop(0).n_samples
        return dropped


class Choice(NamedTuple):
    """What is to be followed after a packet.

    Attributes:
        packets: those to be taken now, in order.
        other: they begin another source than the one followed so far.
    """

    packets: tuple[Packet, ...]
    other: bool = False


_NOTHING = Choice(())


@dataclass(slots=True)
class Sources:
    """The sources under one device id.

    Attributes:
        followed: the one that is followed; None before the first packet.
        past: those that were, the newest last.
        claims: those that come besides.
        left: how many sources have been left, ever.
        stale: samples per lead that were given up: of sources that are not followed.
        foreign_s: new signal of others since the first of them came, s.
        own_s: new signal of the one followed since then, s.
        quiet_s: ... and since the last packet of others, s.
    """

    followed: Source | None = None
    past: list[Source] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    left: int = 0
    stale: int = 0
    foreign_s: float = 0.0
    own_s: float = 0.0
    quiet_s: float = 0.0

    @property
    def mixed(self) -> bool:
        """Whether two sources come at the same time, and neither gives way."""
        return self.foreign_s >= MIXED_S and self.own_s >= MIXED_S

    def take(self, packet: Packet) -> Choice:
        """Take a packet that has arrived; return what is to be followed now."""
        mine = self.followed
        if mine is None:
            mine = self.followed = Source.before(packet)
        if mine.fits(packet) and (packet.n1 > mine.front or packet.t0 <= mine.t0):
            new_s = mine.bring(packet)
            if new_s and (self.claims or self.foreign_s):
                self._go_on(new_s)
            return Choice((packet,))
        return self._besides(packet, mine)

    def release(self) -> Choice:
        """No packet will come any more: return what was held, if the one followed has ended."""
        ready = [claim for claim in self.claims if claim.credit_s > 0]
        return self._hand_over(max(ready, key=lambda one: one.credit_s)) if ready else _NOTHING

    def prefer(self, boot: str) -> Choice:
        """Follow another boot at once: others do. Nothing changes if none of it is held."""
        ready = [claim for claim in self.claims if claim.source.boot == boot]
        return self._hand_over(ready[-1]) if ready else _NOTHING

    def _go_on(self, new_s: float) -> None:
        """The source that is followed has brought new signal while there are others."""
        self.own_s += new_s
        self.quiet_s += new_s
        for claim in self.claims:
            claim.credit_s = max(0.0, claim.credit_s - DOUBT * new_s)
        if self.quiet_s >= QUIET_S:
            self.stale += sum(claim.samples for claim in self.claims)
            self.claims.clear()
            self.foreign_s = self.own_s = self.quiet_s = 0.0

    def _besides(self, packet: Packet, mine: Source) -> Choice:
        past = (one for one in reversed(self.past) if one.fits(packet))
        former = next(past, None)
        if former is not None and former.is_old(packet):
            self.stale += packet.n_samples
            return _NOTHING
        claim = self._claim_of(packet)
        new_s = claim.source.bring(packet)
        self.stale += claim.hold(packet)
        claim.credit_s += new_s
        self.foreign_s += new_s
        self.quiet_s = 0.0
        again = mine.fits(packet)
        enough_s = CONTESTED_S if again or self.mixed else HANDOVER_S
        return self._hand_over(claim) if claim.credit_s >= enough_s else _NOTHING

    def _claim_of(self, packet: Packet) -> Claim:
        for claim in self.claims:
            if claim.source.fits(packet):
                return claim
        if len(self.claims) >= MOST_CLAIMS:
            weakest = min(self.claims, key=lambda one: one.credit_s)
            self.stale += weakest.samples
            self.claims.remove(weakest)
        claim = Claim(Source.before(packet))
        self.claims.append(claim)
        return claim

    def _hand_over(self, claim: Claim) -> Choice:
        left, self.followed = self.followed, claim.source
        if left is not None:
            others = [one for one in self.past if (one.boot, one.fs) != (left.boot, left.fs)]
            self.past = [*others, left][-MOST_PAST:]
        self.claims.remove(claim)
        self.left += 1
        self.foreign_s = self.own_s = self.quiet_s = 0.0
        return Choice(tuple(claim.held), other=True)
