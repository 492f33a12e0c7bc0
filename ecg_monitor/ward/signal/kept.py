"""Reads the samples of one device back from the wave stream of its partition."""

from __future__ import annotations

import logging
from typing import Any

from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import WireError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.remote.streams import PAGE
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet

log = logging.getLogger(__name__)

_PAGE_OF_DEVICE = lua(__name__, "page_of_device")
"""Payloads of one device in a page of a stream, and the page's last id if another may follow."""


async def read_packets(
    store: Store, partition: int, device: str, since: float, until: float
) -> list[Packet]:
    """Return the packets of a device that arrived in a span of time, in order of arrival.

    Args:
        store: client of Redis.
        partition: of the device.
        device: device id.
        since: Unix time, s.
        until: Unix time, s.

    Raises:
        StoreError: Redis does not answer.
    """
    script = store.register_script(_PAGE_OF_DEVICE)
    start, end = str(max(0, int(since * 1000))), str(max(0, int(until * 1000)))
    packets: list[Packet] = []
    while True:
        args: list[str | int] = [device, start, end, PAGE]
        answer: Any = await script(keys=[keys.wave(partition)], args=args)
        last, payloads = answer
        for payload in payloads:
            try:
                packets.append(wire.read(payload, device))
            except WireError as error:  # ingest lets none through: something else has written here
                log.warning("%s: skipped an entry of the wave stream: %s", device, error)
        if last is None:
            return packets
        start = f"({last.decode()}"
