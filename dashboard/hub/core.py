"""The hub's logic without sockets, Redis or clocks: facts go in, texts and frames come out.

Whatever reaches the core is at once put into the outboxes of the clients that want it; times are
handed in. ``readers`` and ``server`` wrap it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import orjson

from dashboard.hub import entries
from dashboard.hub.beds.all_beds import Beds
from dashboard.hub.beds.bed import Bed
from dashboard.hub.beds.rates import rate_limits, turned_off
from dashboard.hub.beds.unwatched import SIGNAL_S, PastPacket, UnwatchedBeds
from dashboard.hub.clients.audience import Audience, send
from dashboard.hub.clients.client import Client, system_text
from dashboard.hub.delays import Delays
from dashboard.hub.entries import Partition
from dashboard.hub.outbox import FRESH_S
from dashboard.hub.requests import Ping, Subscription
from ecg_monitor.core.errors import AlertError, WireError
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.trail import Entry
from ecg_monitor.ward.limits.model import LimitBook
from ecg_monitor.ward.patients.model import Admission, BedLimits
from ecg_monitor.ward.patients.model import Bed as BedState
from ecg_monitor.ward.units.sight import UnitBook, VisibleBeds

STALE_S = 2.0
"""Redis is called away when no answer has come for this long; readers ask every half second."""
LIVE_S = 5.0
"""A partition whose last packet is younger than this has something to analyse."""


class HubCore:
    """Beds, clients and what goes from the ones to the others.

    Args:
        partitions: number of partitions.
        now: Unix time, s.
        policy: how alerts are handled.
        limits: tells which alarms are turned off at a bed; None: none is.

    Attributes:
        conditions: kinds of what is wrong with the system itself (see `ecg_monitor.ward.system`).
        starting: how much of the analysis has been compiled, 0 .. 1, or None if nothing is now.
        audience: the clients, and who is told of which bed.
        book: the care units.
    """

    def __init__(
        self,
        partitions: int,
        now: float,
        policy: Policy | None = None,
        limits: LimitBook | None = None,
    ) -> None:
        self._policy = policy or Policy()
        self._limits = limits
        self.beds = Beds(partitions)
        self.audience = Audience(self._wake)
        self._unwatched = UnwatchedBeds()
        self._resting: set[str] = set()  # those of them whose signal was read lately
        self.book = UnitBook()
        self.partitions = [Partition(heard_at=now - STALE_S) for _ in range(partitions)]
        self.packets = 0
        self.unreadable = 0
        self.delays = Delays()
        self.conditions: list[str] = []
        self.starting: float | None = None
        self._began = now

    # -- clients -----------------------------------------------------------------------------

    @property
    def clients(self) -> set[Client]:
        """All that are connected."""
        return self.audience.clients

    def connect(self, client: Client) -> None:
        """Add a client; it gets nothing before it subscribes."""
        self.audience.connect(client)

    def disconnect(self, client: Client) -> None:
        """Forget a client."""
        self.audience.disconnect(client)

    def see(self, book: UnitBook, sights: Mapping[Client, VisibleBeds], now: float) -> None:
        """Take the care units, and which beds each client may see from now on."""
        self.book = book
        beds = list(self.beds.values())
        self.audience.see(sights, beds, now)
        for bed in beds:
            if bed.unit != book.beds.get(bed.device, ""):
                self._describe(bed)

    def request(self, client: Client, request: Subscription | Ping, now: float) -> None:
        """Do what a client asks for."""
        if isinstance(request, Ping):
            text = orjson.dumps({"t": "pong", "c": request.token, "now": now})
            client.outbox.answer(text, request.seen)
            return
        self.audience.subscribe(client, request)
        client.outbox.put_state("hub", 0, self._hub_text(now))
        self.audience.tell_units(client)
        for bed in self.beds.values():
            if client.wants_alarms(bed.device):
                self.audience.introduce(client, bed, now)

    # -- facts from Redis ----------------------------------------------------------------------

    def wave_entries(self, partition: int, found: Sequence[Any], now: float) -> list[WireError]:
        """Take entries of a wave stream; those of beds that no page watches are not read.

        Args:
            partition: number of the partition.
            found: id and words (names and values by turns) of each.
            now: Unix time, s.

        Returns:
            The errors of those that are malformed; the others have been taken.
        """
        rest, arrival = self._unwatched.hold_packets(found, now)
        if len(rest) < len(found):
            self.packets += len(found) - len(rest)
            self.partitions[partition].packet_at = now
            if arrival >= self._began:  # of the last of them: the others came with it
                self.delays.add("ingest_to_hub", now - arrival)
        return entries.take_each(
            rest, entries.packet, lambda told: self.packet(partition, *told, now)
        )

    def event_entries(self, found: Sequence[Any], now: float) -> list[WireError]:
        """Take entries of an event stream, as `wave_entries` does those of a wave stream."""
        rest = self._unwatched.hold_events(found, now)
        return entries.take_each(rest, entries.events, lambda told: self.events(*told))

    def _wake(self, bed: Bed) -> None:
        """Read what has come for a bed while nobody watched it."""
        self._resting.discard(bed.device)
        for past in self._unwatched.read(bed.device):
            if isinstance(past, PastPacket):
                for one in bed.followed(past.packet):
                    if bed.accept(one, past.arrival)[1]:
                        self._describe(bed)
            elif bed.analysed(past.boot):
                bed.take_events(past.events)

    def packet(self, partition: int, packet: Packet, arrival: float, now: float) -> None:
        """Take a packet from a wave stream, accepted at Unix time ``arrival``."""
        bed = self._bed(packet.device)
        if bed is None:
            return
        if bed.device in self._unwatched:
            self._wake(bed)
        for one in bed.followed(packet):
            self._show(partition, bed, one, arrival, now)
        if not self.audience.followers(bed.device):  # which leads it has is known now
            self._unwatched.add(bed.device)
            self._resting.add(bed.device)

    def _show(self, partition: int, bed: Bed, packet: Packet, arrival: float, now: float) -> None:
        packed, changed = bed.accept(packet, arrival)
        if packed is None:
            return
        self.packets += 1
        self.partitions[partition].packet_at = now
        if arrival >= self._began:  # else from the past: how long it lay there says nothing
            self.delays.add("device_to_ingest", packed.late_s)
            self.delays.add("ingest_to_hub", now - arrival)
        if changed:
            self._describe(bed)
        for client in self.audience.followers(bed.device):
            send(client, bed, packed, now + FRESH_S)

    def events(self, device: str, boot: str, events: Iterable[dict[str, Any]]) -> None:
        """Take events of the detector, as maps (see ``ecg_monitor.core.types.event_to_map``)."""
        bed = self.beds.get(device)
        if bed is None:
            return
        if device in self._unwatched:
            self._wake(bed)
        if not bed.analysed(boot):
            return
        news = bed.take_events(events)
        followers = self.audience.followers(device)
        states, beats = bed.news_texts(news) if followers else ((), None)
        for client in followers:
            for kind, text in states:
                client.outbox.put_state(kind, bed.index, text)
            if beats is not None:
                client.outbox.put_beats(beats)

    def alert_entry(self, partition: int, entry: Entry, now: float) -> None:
        """Take an entry of the audit trail: what has happened to an alert, or to its audio."""
        self.partitions[partition].take_alert(entry)
        self._show_alerts(partition, entry.device, now)

    def alerts(
        self, partition: int, facts: Mapping[str, bytes], acts: Mapping[str, bytes], now: float
    ) -> dict[str, AlertError]:
        """Take what Redis holds of a partition's alerts, to heal what was missed.

        Returns:
            The errors of the values that are malformed, by name; the others have been taken.
        """
        concerned, errors = self.partitions[partition].load_alerts(facts, acts)
        for device in concerned:
            self._show_alerts(partition, device, now)
        return errors

    def device(self, device: str, info: dict[str, Any]) -> None:
        """Take what a device tells of itself: ``status`` and ``meta``."""
        bed = self._bed(device)
        if bed is None or bed.info == info:
            return
        bed.info = info
        self._describe(bed)

    def staff_said(self, device: str, said: BedState) -> None:
        """Take what staff have said of a bed: who is there, its limits, its name and place."""
        self.patient(device, said.admission, said.own)
        bed = self.beds.get(device)
        if bed is not None and (bed.label, bed.place) != (said.label, said.place):
            bed.label, bed.place = said.label, said.place
            self._describe(bed)

    def patient(
        self, device: str, admission: Admission | None, own: BedLimits | None = None
    ) -> None:
        """Take who is admitted to a device, or the limits of the bed itself while nobody is."""
        # A bed that is empty shows itself as soon as its device does.
        bed = self.beds.get(device)
        if admission is not None:
            bed = self._bed(device, has_patient=True)
        known = own is None or own.after_stay
        found = (known, admission, own)
        if bed is None or (bed.has_been_admitted, bed.admission, bed.own) == found:
            return
        bed.has_been_admitted, bed.admission, bed.own = found
        self._describe(bed)

    def roster(
        self,
        partition: int,
        known: Set[str],
        now: float,
        heard: Mapping[str, float] | None = None,
    ) -> None:
        """Take the devices that a partition knows; a bed that is none of them leaves the wall.

        It stays while it has a signal, a patient, or an alarm that is to be seen.

        Args:
            partition: number of the partition.
            known: devices.
            now: Unix time, s.
            heard: when each has last sent, Unix s, as far as that is known.
        """
        state = self.partitions[partition]
        for device, at in (heard or {}).items():
            found = self.beds.get(device)
            if found is not None and found.hear(at):
                self._describe(found)
        for device in self.beds.gone(partition, known, now, self._unwatched.newest):
            if any(one.alert.id in state.board.active for one in state.board.of_device(device)):
                continue
            state.due.pop(device, None)
            self._unwatched.forget(device)
            self._resting.discard(device)
            index = self.beds.remove(device)
            for client in self.audience.informed(device):
                self.audience.take_away(client, index)
            self.audience.bed_changed(device)

    def events_read(self, committed_at: float, now: float) -> None:
        """Take note of when events were committed and when they were read, Unix s."""
        if committed_at >= self._began:
            self.delays.add("detector_to_hub", now - committed_at)

    def heard(self, partition: int, now: float) -> None:
        """Take note that Redis has answered for a partition."""
        self.partitions[partition].heard_at = now

    # -- once a second ---------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Tell every client how the hub is and what time has changed; call it once a second."""
        self._unwatched.prune(now)
        for device in list(self._resting):
            if self.beds[device].forget_before(self._unwatched.newest(device) - SIGNAL_S):
                self._resting.discard(device)
        for partition, state in enumerate(self.partitions):
            for device in [one for one, due_at in state.due.items() if due_at <= now]:
                self._show_alerts(partition, device, now)
        text = self._hub_text(now)
        for client in self.clients:
            if client.subscription is not None:
                client.outbox.put_state("hub", 0, text)
                if client.subscription.system:
                    told = system_text(self.partitions, client.sight, now, self._losses())
                    client.outbox.put_state("system", 0, told)

    @property
    def wants_system(self) -> bool:
        """Whether any client shows the system page, so that its figures are worth reading."""
        return any(one.subscription is not None and one.subscription.system for one in self.clients)

    @property
    def dropped(self) -> int:
        """Frames and beats that present clients were too slow for."""
        return sum(client.outbox.dropped for client in self.clients)

    def figures(self) -> dict[str, Any]:
        """Return what the hub tells of itself for the system page."""
        return {
            "clients": len(self.clients),
            "packets": self.packets,
            **self._losses(),
            "delays": self.delays.to_map(),
        }

    def _losses(self) -> dict[str, int]:
        unreadable = self.unreadable + self._unwatched.unreadable
        return {"dropped": self.dropped, "unreadable": unreadable}

    def stale(self, now: float) -> bool:
        """Whether Redis has not answered for a while for some partition."""
        return any(now - one.heard_at > STALE_S for one in self.partitions)

    def gone(self, now: float) -> bool:
        """Whether Redis has not answered for a while for any partition."""
        return all(now - one.heard_at > STALE_S for one in self.partitions)

    def behind_s(self, now: float) -> float | None:
        """How far analysis is behind the traces, s: the worst partition that has live traces.

        None if there are live traces that no detector has ever looked at.
        """
        live = [one.behind_s for one in self.partitions if now - one.packet_at < LIVE_S]
        if any(behind is None for behind in live):
            return None
        return max((behind for behind in live if behind is not None), default=0.0)

    # -- inside -----------------------------------------------------------------------------------

    def _bed(self, device: str, *, has_patient: bool = False) -> Bed | None:
        bed = self.beds.get(device)
        if bed is None:
            bed = self.beds.add(device, has_patient=has_patient)
            if bed is not None:
                self._describe(bed)
        return bed

    def _show_alerts(self, partition: int, device: str, now: float) -> None:
        """Tell clients of a device's alerts if they look different now."""
        state = self.partitions[partition]
        if device not in self.beds and not state.board.of_device(device):
            return
        bed = self._bed(device)
        if bed is None:
            return
        changed, due_at = bed.show_alerts(state.board, self._policy, now)
        state.note_due(device, due_at)
        if changed:
            for client in self.audience.informed(device):
                client.outbox.put_state("alarms", bed.index, bed.alarm_text)

    def _describe(self, bed: Bed) -> None:
        bed.alarms_off = turned_off(self._limits, bed)
        bed.rate_limits = rate_limits(self._limits, bed)
        bed.unit = self.book.beds.get(bed.device, "")
        for client in self.audience.informed(bed.device):
            client.outbox.put_state("bed", bed.index, bed.describe())

    def _hub_text(self, now: float) -> bytes:
        return orjson.dumps(
            {
                "t": "hub",
                "now": now,
                "redis": "stale" if self.stale(now) else "ok",
                "behind_s": self.behind_s(now),
                "clients": len(self.clients),
                "packets": self.packets,
                "conditions": self.conditions,
                "starting": self.starting,
            }
        )
