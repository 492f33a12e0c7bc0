"""What each device's packets look like, for the page of devices: noted while they come.

Pure: the caller brings the clock. There is as much of it as there are devices that are known.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from ecg_monitor.ward.devices.form import PacketForm
from ecg_monitor.ward.devices.roster import WRITE_EVERY_S
from ingest.judge import AcceptedPacket

AT_MOST_EVERY_S = 1.0
"""A device whose packets change all the time is written down so often, s: two under one id do."""
BOOTS = 4
"""Power-ups of a device of which it is remembered when they began."""


@dataclass(slots=True)
class _Device:
    newest: AcceptedPacket
    at: float
    clock_off_s: float = math.inf
    written_at: float = -math.inf
    changed: bool = True
    boots: dict[str, float] = field(default_factory=dict)


class Forms:
    """Follows the packets that are accepted, and tells what is to be written down."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}
        self._before: dict[str, PacketForm] = {}
        self._due: set[str] = set()

    def load(self, written: Mapping[str, PacketForm]) -> None:
        """Take what was written down before this process began: when each power-up did."""
        self._before = dict(written)

    def take(self, packet: AcceptedPacket, arrival: float) -> None:
        """Note a packet that came at Unix time ``arrival``, s."""
        one = self._devices.get(packet.device)
        if one is None:
            one = self._devices[packet.device] = _Device(packet, arrival)
            written = self._before.pop(packet.device, None)
            if written is not None:
                one.boots[written.boot] = written.since
        before, one.newest, one.at = one.newest, packet, arrival
        if packet.boot not in one.boots:
            one.boots[packet.boot] = arrival
            if len(one.boots) > BOOTS:
                del one.boots[next(iter(one.boots))]
        if (before.boot, before.fs, before.leads) != (packet.boot, packet.fs, packet.leads):
            one.changed = True
        off_s = arrival - packet.t0 - (packet.n1 - packet.n0) / packet.fs
        one.clock_off_s = min(one.clock_off_s, off_s)
        waited = abs(arrival - one.written_at)  # the clock may be put back
        if waited >= WRITE_EVERY_S or (one.changed and waited >= AT_MOST_EVERY_S):
            self._due.add(packet.device)

    def due(self) -> dict[str, PacketForm]:
        """Return the forms that are to be written now; they count as written."""
        found: dict[str, PacketForm] = {}
        for device in self._due:
            one = self._devices.get(device)
            if one is None:
                continue
            packet = one.newest
            found[device] = PacketForm(
                at=round(one.at, 3),
                boot=packet.boot,
                since=round(one.boots[packet.boot], 3),
                fs=packet.fs,
                leads=packet.leads,
                samples=packet.n1 - packet.n0,
                stored=packet.n1,
                clock_off_s=round(one.clock_off_s, 3),
            )
            one.written_at, one.changed, one.clock_off_s = one.at, False, math.inf
        self._due.clear()
        return found

    def keep(self, known: Container[str]) -> None:
        """Forget the devices that are not known any more."""
        for held in (self._devices, self._before):
            for device in [name for name in held if name not in known]:
                del held[device]
