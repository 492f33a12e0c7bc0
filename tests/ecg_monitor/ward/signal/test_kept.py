"""Reading a device's samples back."""

import numpy as np

from ecg_monitor.core import keys, wire
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal import kept as wave

FS = 250.0


def packet(device: str, i: int) -> Packet:
    samples = np.full((1, 25), i, np.int16)
    return Packet(device, "b", i, 25 * i, 0.0, FS, ("II",), (200.0,), (0.0,), samples)


async def test_only_the_device_and_the_time_asked_for_come_back(redis_client, monkeypatch):
    monkeypatch.setattr(wave, "PAGE", 7)  # several pages
    for i in range(40):
        for device in ("one", "two"):
            fields = {"d": device, "t": str(i), "p": wire.encode_cbor(packet(device, i))}
            await redis_client.xadd(keys.wave(0), fields, id=f"{1000 * i}-*")
    await redis_client.xadd(keys.wave(0), {"d": "one", "t": "39", "p": b"?"}, id="39000-*")
    found = await wave.read_packets(redis_client, 0, "one", 10, 1000)
    assert found == [packet("one", i) for i in range(10, 40)]
    assert await wave.read_packets(redis_client, 0, "none", 0, 1000) == []
    assert [p.seq for p in await wave.read_packets(redis_client, 0, "two", 3, 5)] == [3, 4, 5]
