"""At which of several brokers each device is, and what counts of what it has told of itself. Pure.

A broker keeps the last `status` and `meta` of a device (retained), also when the device has gone to
another: one that loses it says "offline" in its name, perhaps long after it has come online
elsewhere, and each tells what it has kept whenever ingest connects. So what counts is what comes
from the broker that the device's newest packets come through. Packets that a broker delivers late,
and that are known already, say nothing of where the device is now.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.judge import AcceptedPacket, DeviceNews, Judgement


@dataclass(slots=True)
class _Device:
    origin: int | None = None
    boot: str = ""
    n1: int = 0
    news: dict[int, dict[str, DeviceNews]] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)


class Whereabouts:
    """Follows the devices from broker to broker.

    Args:
        most: devices that are remembered; beyond it those that were heard of longest ago are
            forgotten, and all that is told of them counts.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._devices: OrderedDict[str, _Device] = OrderedDict()

    def sift(self, judgement: Judgement, origin: int) -> Sequence[Judgement]:
        """Return what counts of a judgement; news that were held back come before the packet.

        Args:
            judgement: of a message.
            origin: the broker that it came from.
        """
        if not isinstance(judgement, AcceptedPacket | DeviceNews):
            return (judgement,)
        device = self._devices.get(judgement.device)
        if device is None:
            device = self._devices[judgement.device] = _Device()
            while len(self._devices) > self._most:
                self._devices.popitem(last=False)
        else:
            self._devices.move_to_end(judgement.device)
        if isinstance(judgement, AcceptedPacket):
            return self._of_packet(device, judgement, origin)
        device.news.setdefault(origin, {})[judgement.kind] = judgement
        if device.origin not in (None, origin):
            return ()
        device.told[judgement.kind] = origin
        return (judgement,)

    def _of_packet(
        self, device: _Device, packet: AcceptedPacket, origin: int
    ) -> Sequence[Judgement]:
        if packet.boot == device.boot and packet.n1 <= device.n1:
            return (packet,)
        device.boot, device.n1 = packet.boot, packet.n1
        if device.origin == origin:
            return (packet,)
        device.origin = origin
        news = device.news.get(origin, {})
        held = [one for kind, one in news.items() if device.told.get(kind) != origin]
        device.told |= dict.fromkeys(news, origin)
        return (*held, packet)
