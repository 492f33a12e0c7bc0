"""Runs all devices of a ward in one event loop, until they are done or cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence

from ecg_monitor.core.mqtt.url import broker_urls, parse_url
from simulator.device import Device, Plan, Totals
from simulator.pacing import STEP_S, Deadlines, Pacer


class Fleet:
    """All devices together.

    Attributes:
        totals: counts over all devices so far.
    """

    def __init__(self, plans: Sequence[Plan], url: str, *, speed: float, packet_s: float) -> None:
        """Prepare to play ``plans``.

        Args:
            plans: one per device.
            url: the broker, or several, separated by commas. The devices begin at one after the
                other, so that all have as many.
            speed: how much faster than real time; infinite: as fast as the broker takes it.
            packet_s: length of a packet, s: the devices' phases are spread over it, since
                real devices are not in step, and hundreds of packets at once would be late.

        Raises:
            ServiceError: a URL is malformed.
        """
        self.totals = Totals()
        self._plans = plans
        self._brokers = [parse_url(one) for one in broker_urls(url)]
        self._speed = speed
        self._packet_s = packet_s
        self._devices: list[Device] = []

    @property
    def dropped(self) -> int:
        """Messages that devices dropped because their buffers were full."""
        return sum(device.outbox.dropped for device in self._devices)

    @property
    def resent(self) -> int:
        """Packets sent again since the broker had them, and nobody had stored them."""
        return sum(device.outbox.resent for device in self._devices)

    @property
    def given_up(self) -> int:
        """Packets that were not stored in spite of that."""
        return sum(device.outbox.given_up for device in self._devices)

    @property
    def undelivered(self) -> int:
        """Messages that still wait to be sent or acknowledged."""
        return sum(len(device.outbox) for device in self._devices)

    @property
    def unconfirmed(self) -> int:
        """Packets that the broker has, and that no receipt has named yet."""
        return sum(device.outbox.unconfirmed for device in self._devices)

    @property
    def confirmed(self) -> bool:
        """Whether every device has had a receipt: what reads the packets confirms them."""
        return bool(self._devices) and all(device.outbox.confirms for device in self._devices)

    @property
    def acked(self) -> int:
        """Messages that the broker has acknowledged, truth included."""
        return sum(device.outbox.acked for device in self._devices)

    async def run(self) -> None:
        """Play all plans to their end. When cancelled, switch every device off first.

        Raises:
            ServiceError: the broker cannot be reached or refuses a device.
        """
        tasks, deadlines = [], Deadlines()
        for index, plan in enumerate(self._plans):
            phase = index / len(self._plans) * self._packet_s / self._speed
            phase -= phase % STEP_S
            turn = index % len(self._brokers)
            brokers = self._brokers[turn:] + self._brokers[:turn]
            device = Device(plan, brokers, Pacer(self._speed, phase, deadlines), self.totals)
            self._devices.append(device)
            tasks.append(asyncio.create_task(device.run(), name=plan.device))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def cancel_on_signal(task: asyncio.Task[None]) -> Iterator[None]:
    """Cancel ``task`` on SIGINT and SIGTERM, so that devices switch off in order."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
