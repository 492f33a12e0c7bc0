"""What simulated devices publish, kept as each packet is handed over to its connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.types import Int16Array, Packet
from simulator.device import Plan
from simulator.events import Event, Send


@dataclass(slots=True)
class SentPackets:
    """The packets that devices have handed over so far.

    Attributes:
        packets: by device, in the order in which they were sent first.
    """

    packets: dict[str, list[Packet]] = field(default_factory=dict)

    def tapped(self, plans: Sequence[Plan]) -> list[Plan]:
        """Return the plans of devices whose packets are kept here as they are sent."""
        return [replace(plan, events=self._tap(plan)) for plan in plans]

    def signal(self, device: str) -> tuple[int, Int16Array, npt.NDArray[np.bool_]]:
        """Return what a device has sent, laid in its place.

        Args:
            device: device id; it has sent something, of one power-up.

        Returns:
            index of the first sample; the samples, int16, shape (n_leads, n); which of the ``n``
            were sent.
        """
        some = self.packets[device]
        first, last = some[0].n0, max(packet.n1 for packet in some)
        samples = np.zeros((len(some[0].leads), last - first), np.int16)
        sent = np.zeros(last - first, np.bool_)
        for packet in some:
            place = slice(packet.n0 - first, packet.n1 - first)
            samples[:, place] = packet.samples
            sent[place] = True
        return first, samples, sent

    def _tap(self, plan: Plan) -> Callable[[float], Iterator[Event]]:
        kept = self.packets.setdefault(plan.device, [])

        def events(start: float) -> Iterator[Event]:
            for event in plan.events(start):
                yield event
                # A device asks for the next event once it has handed this one on, not before.
                if isinstance(event, Send):
                    kept.append(event.packet)

        return events
