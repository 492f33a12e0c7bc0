"""Which devices come in: known ones, those with a patient, and newcomers at a bounded rate.

Whoever may publish can make up device ids. Each that comes in costs memory in every part of the
system and a place on the wall. So an id that nobody knows has to wait for its turn while many of
them knock, and finds no place when all are taken. A real device goes on sending and so goes on
knocking: it comes in with the next turn. A bed to which staff has admitted a patient never waits.

`Admission` is pure: the caller brings the clock and what Redis holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ecg_monitor.ward.devices.refusal import NOBODY, TOO_MANY
from ecg_monitor.ward.devices.roster import WRITE_EVERY_S, RosterEntry
from ingest.judge import AcceptedPacket, DeviceNews, Judgement, Refusal

NEWCOMERS = "(new devices)"
"""Stands for all devices that are turned away. No device id can be the same."""
AT_ONCE = 256
"""Newcomers that come in at once: a ward whose devices are all switched on."""
PER_S = 4.0
"""Newcomers that come in per second from then on."""
KNOCKS = 3
"""Once half of `AT_ONCE` have come in, a newcomer must have sent so many messages, over
`KNOCKING_S` seconds: made-up ids often send one."""
KNOCKING_S = 1.0
TURNED_AWAY_S = 60.0
"""A device counts as turned away for so long, s."""
REMEMBERED = 4096
"""Devices without a place that are remembered, those that have knocked last."""
STRANGERS = 256
"""Devices without a place whose refusals are counted by name."""
HELD_NEWS = 1024
"""Devices without a place whose status and meta are kept, for when they come in."""


@dataclass(slots=True)
class _Knocking:
    since: float
    last: float
    count: int = 0
    told_at: float = float("-inf")


@dataclass(slots=True)
class Admission:
    """Decides who comes in.

    Args:
        most: devices that may be known at a time.
        now: Unix time, s.

    Attributes:
        known: the devices that are known.
        admitted: devices to which a patient is admitted.
    """

    most: int
    now: float
    known: dict[str, RosterEntry] = field(default_factory=dict)
    admitted: set[str] = field(default_factory=set)
    _written: dict[str, float] = field(default_factory=dict)
    _due: set[str] = field(default_factory=set)
    _turns: float = AT_ONCE
    _knocking: OrderedDict[str, _Knocking] = field(default_factory=OrderedDict)
    _news: OrderedDict[str, dict[str, DeviceNews]] = field(default_factory=OrderedDict)
    _strangers: set[str] = field(default_factory=set)

    def load(self, roster: Mapping[str, RosterEntry], admitted: Iterable[str]) -> None:
        """Take what Redis holds: all that has been let in here has been written there."""
        former = self.known
        self.known = {
            device: max(entry, former.get(device, entry), key=lambda one: one.last)
            for device, entry in roster.items()
        }
        self._written = {name: at for name, at in self._written.items() if name in self.known}
        self.admitted = set(admitted)

    def sift(self, judgement: Judgement, now: float) -> list[Judgement]:
        """Return what is to be written instead of a judgement at Unix time ``now``, s.

        A newcomer that comes in brings what it has told of itself before.
        """
        device = judgement.device
        if isinstance(judgement, AcceptedPacket):
            return self._of_packet(judgement, now)
        if device == NOBODY:
            return [judgement]
        if isinstance(judgement, Refusal):
            return [judgement if device in self.known else self._of_stranger(judgement)]
        return self._news_of(judgement, now)

    def _of_packet(self, packet: AcceptedPacket, now: float) -> list[Judgement]:
        device = packet.device
        if device in self.known or self._comes_in(device, now):
            return [*self._held(device), self._seen(packet, now)]
        knocking = self._knocking[device]
        if now - knocking.told_at < TURNED_AWAY_S:
            return [Refusal(NEWCOMERS, TOO_MANY, "")]
        knocking.told_at = now
        return [
            Refusal(
                NEWCOMERS,
                TOO_MANY,
                f"{device}: too many devices ({len(self.known)} of {self.most} are known); a bed "
                "to which a patient is admitted comes in all the same",
                device,
            )
        ]

    def due(self) -> dict[str, RosterEntry]:
        """Return the entries that the roster should have now; they count as written."""
        found = {device: self.known[device] for device in self._due if device in self.known}
        self._due.clear()
        self._written |= {device: entry.last for device, entry in found.items()}
        return found

    def turned_away(self, now: float) -> int:
        """Return how many devices have been turned away lately."""
        return sum(now - one.last <= TURNED_AWAY_S for one in self._knocking.values())

    def _seen(self, packet: AcceptedPacket, now: float) -> AcceptedPacket:
        entry = self.known[packet.device]
        if now > entry.last:
            self.known[packet.device] = RosterEntry(entry.first, now)
        if now - self._written.get(packet.device, float("-inf")) >= WRITE_EVERY_S:
            self._due.add(packet.device)
        return packet

    def _comes_in(self, device: str, now: float) -> bool:
        """Let a device in, or note that it has knocked."""
        if device not in self.admitted:
            self._turns = min(AT_ONCE, self._turns + max(0.0, now - self.now) * PER_S)
            self.now = now
            knocking = self._knocking.setdefault(device, _Knocking(now, now))
            self._knocking.move_to_end(device)
            knocking.last = now
            knocking.count += 1
            while len(self._knocking) > REMEMBERED:
                self._knocking.popitem(last=False)
            patient = knocking.count >= KNOCKS and now - knocking.since >= KNOCKING_S
            if len(self.known) >= self.most or self._turns < 1:
                return False
            if self._turns < AT_ONCE / 2 and not patient:
                return False
            self._turns -= 1
        self._knocking.pop(device, None)
        self.known[device] = RosterEntry(now, now)
        self._due.add(device)
        return True

    def _news_of(self, news: DeviceNews, now: float) -> list[Judgement]:
        """Return what a device tells of itself, unless it has no place: then it is kept.

        That it is online is a knock; all else a broker may have kept of a device long gone.
        """
        device = news.device
        if device in self.known or device in self.admitted:
            return [news]
        online = news.kind == "status" and (news.content or {}).get("state") == "online"
        self._news.setdefault(device, {})[news.kind] = news
        self._news.move_to_end(device)
        while len(self._news) > HELD_NEWS:
            self._news.popitem(last=False)
        return self._held(device) if online and self._comes_in(device, now) else []

    def _held(self, device: str) -> list[Judgement]:
        return list(self._news.pop(device).values()) if device in self._news else []

    def _of_stranger(self, refusal: Refusal) -> Refusal:
        """Return a refusal that does not make a counter of its own for every name there is."""
        device = refusal.device
        if device in self._strangers or len(self._strangers) < STRANGERS:
            self._strangers.add(device)
            return refusal
        return Refusal(NEWCOMERS, refusal.reason, f"{device}: {refusal.problem}", device)
