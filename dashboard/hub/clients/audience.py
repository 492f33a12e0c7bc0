"""All connected browsers: who is told of which bed, and what a browser is told at first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import orjson

from dashboard.hub.beds.bed import Bed
from dashboard.hub.clients.client import Client
from dashboard.hub.frames import FLAG_HISTORY, PacketFrames
from dashboard.hub.outbox import PAST_S
from dashboard.hub.requests import Subscription
from ecg_monitor.ward.units.sight import VisibleBeds


class Audience:
    """The clients; who wants a bed is looked up once, not for each packet.

    Args:
        wake: brings a bed up to date that nobody has watched until now.

    Attributes:
        clients: all that are connected.
    """

    def __init__(self, wake: Callable[[Bed], None]) -> None:
        self.clients: set[Client] = set()
        self._wake = wake
        self._followers: dict[str, list[Client]] = {}
        self._informed: dict[str, list[Client]] = {}

    def connect(self, client: Client) -> None:
        """Add a client; it gets nothing before it subscribes."""
        self.clients.add(client)

    def disconnect(self, client: Client) -> None:
        """Forget a client."""
        self.clients.discard(client)
        self._forget()

    def subscribe(self, client: Client, subscription: Subscription) -> None:
        """Take what a client wants from now on."""
        client.subscription = subscription
        self._forget()

    def followers(self, device: str) -> Collection[Client]:
        """Return the clients to which the signal and the numbers of a bed are sent."""
        found = self._followers.get(device)
        if found is None:
            found = [client for client in self.clients if client.wants(device)]
            self._followers[device] = found
        return found

    def informed(self, device: str) -> Collection[Client]:
        """Return the clients that are told of the alarms of a bed."""
        found = self._informed.get(device)
        if found is None:
            found = [client for client in self.clients if client.wants_alarms(device)]
            self._informed[device] = found
        return found

    def see(self, sights: Mapping[Client, VisibleBeds], beds: Collection[Bed], now: float) -> None:
        """Let clients see other beds than before: what has gone out of sight is taken from them.

        Args:
            sights: which beds each may see from now on.
            beds: all beds.
            now: Unix time, s.
        """
        moved: dict[int, Collection[Bed]] = {}  # beds that have changed units, by former book

        def concerned(client: Client) -> Collection[Bed]:
            former, sight = client.sight, sights[client]
            if former.given != sight.given:
                return beds
            old, new = former.book.beds, sight.book.beds
            if id(former.book) not in moved:
                moved[id(former.book)] = [
                    bed for bed in beds if old.get(bed.device) != new.get(bed.device)
                ]
            return moved[id(former.book)]

        before = [
            (client, bed, client.wants_alarms(bed.device), client.wants(bed.device))
            for client in sights
            for bed in concerned(client)
        ]
        for client, sight in sights.items():
            client.sight = sight
            self.tell_units(client)
        self._forget()
        for client, bed, was_told, was_wanted in before:
            if not client.wants_alarms(bed.device):
                if was_told:
                    self.take_away(client, bed.index)
            elif (was_told, was_wanted) != (True, client.wants(bed.device)):
                self.introduce(client, bed, now)

    def introduce(self, client: Client, bed: Bed, now: float) -> None:
        """Tell a client of a bed all that it wants of it; at Unix time ``now``, s."""
        wants = client.wants(bed.device)
        if wants:
            self._wake(bed)
        client.outbox.put_state("bed", bed.index, bed.describe())
        if bed.alarm_text:
            client.outbox.put_state("alarms", bed.index, bed.alarm_text)
        if client.subscription is None or not wants:
            return
        if bed.vitals is not None:
            client.outbox.put_state("vitals", bed.index, bed.vitals_text())
        if bed.measurement is not None:
            client.outbox.put_state("measurement", bed.index, bed.measurement_text())
        for packed in bed.history(client.subscription.history_s):
            send(client, bed, packed, now + PAST_S, FLAG_HISTORY)
        if bed.beats:
            client.outbox.put_beats(bed.beats_text(list(bed.beats.values())))

    @staticmethod
    def take_away(client: Client, index: int) -> None:
        """Tell a client that a bed is there no more, for it at least."""
        text = orjson.dumps({"t": "gone", "bed": index})
        client.outbox.forget_states(index)
        client.outbox.put_state("gone", index, text)

    @staticmethod
    def tell_units(client: Client) -> None:
        """Tell a client which care units it may see, and whether it sees all beds."""
        if client.subscription is None:
            return
        units = [{"id": one.id, "name": one.name} for one in client.sight.units()]
        told = {"t": "units", "units": units, "all": client.sight.given is None}
        client.outbox.put_state("units", 0, orjson.dumps(told))

    def _forget(self) -> None:
        self._followers.clear()
        self._informed.clear()

    def bed_changed(self, device: str) -> None:
        """Take note that a bed has come or gone."""
        self._followers.pop(device, None)
        self._informed.pop(device, None)


def send(client: Client, bed: Bed, packed: PacketFrames, until: float, flags: int = 0) -> None:
    """Send a packet of a bed to a client, unless it waits beyond Unix time ``until``, s."""
    if client.subscription is not None:
        for row in client.subscription.rows(bed.leads):
            client.outbox.put_frame(packed.lead(row, flags), until)
