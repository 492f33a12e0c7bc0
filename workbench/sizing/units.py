"""What a bed costs, in the units that sizing needs.

Processor time of processes comes from `docs/figures/beds.json`, the whole system as `ecg-monitor
bench` saw it from outside, so that what receives and sends counts as well; that of the hub from
`docs/figures/hub.json` (`workbench.bench.hub`). The room that Redis needs is counted here, with a
real server that serves nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, connect
from ecg_monitor.core.types import Packet
from ecg_monitor.launch.services.start import start_redis
from ingest.judge import judge
from ingest.writer import JudgedMessage, Writer
from workbench.results.figures import FOLDER, FiguresError, read

FS = 360.0
LEADS = ("II", "V1")
PACKET_S = 0.5
PARTS = ("broker", "ingest", "detector", "redis")


@dataclass(frozen=True, slots=True)
class Units:
    """What one bed costs, two leads at 360 Hz.

    Attributes:
        ingest_us: processor time per second of signal, µs.
        detector_us: likewise.
        hub_fixed_us: of a hub with hardly any beds, per second.
        hub_watched_us: of a hub for a bed that one of its pages shows, likewise.
        hub_unwatched_us: of a hub for any other bed, likewise.
        redis_us: of the Redis server, likewise.
        broker_us: of the broker, likewise; without TLS.
        packet_bytes: a packet in CBOR, with its topic.
        packet_s: signal in a packet, s.
        redis_bytes_per_s: memory of Redis for a second of signal that is kept.
    """

    ingest_us: float
    detector_us: float
    hub_fixed_us: float
    hub_watched_us: float
    hub_unwatched_us: float
    redis_us: float
    broker_us: float
    packet_bytes: float
    packet_s: float
    redis_bytes_per_s: float

    def as_map(self) -> dict[str, float]:
        """Return the fields, JSON-ready."""
        return asdict(self)


def measured_by_part() -> dict[str, float]:
    """Return the processor time of our parts per bed and second, µs, from the figures kept.

    Returns:
        those of `PARTS`; ``hub_fixed``, ``hub_watched`` and ``hub_unwatched``
        as in `Units`.

    Raises:
        FiguresError: there are none, or they lack a part.
    """
    whole = read(FOLDER / "beds.json").values
    hub = read(FOLDER / "hub.json").values
    try:
        # Percents of a core, by all beds.
        found = {part: 1e4 * float(whole["cpu"][part]) / int(whole["beds"]) for part in PARTS}
        for kind in ("fixed", "watched", "unwatched"):
            found[f"hub_{kind}"] = float(hub["units"][f"{kind}_us"])
    except KeyError as error:
        raise FiguresError("docs/figures have no {key}", key=str(error)) from error
    return found


async def measure(packets: int) -> Units:
    """Count the room that Redis needs, and add the processor time that was measured.

    Args:
        packets: how many are written to Redis.
    """
    parts = measured_by_part()
    payload = wire.encode_cbor(_packet(0))
    topic = keys.wave_topic("bed-0000001")
    with tempfile.TemporaryDirectory(prefix="ecg-sizing-") as state:
        settings = replace(Settings(), state=state)
        redis = start_redis(settings)
        try:
            async with _client(redis.url) as client:
                per_packet = await _redis_bytes(client, settings, packets)
        finally:
            redis.stop()
    return Units(
        ingest_us=parts["ingest"],
        detector_us=parts["detector"],
        hub_fixed_us=parts["hub_fixed"],
        hub_watched_us=parts["hub_watched"],
        hub_unwatched_us=parts["hub_unwatched"],
        redis_us=parts["redis"],
        broker_us=parts["broker"],
        packet_bytes=len(payload) + len(topic),
        packet_s=PACKET_S,
        redis_bytes_per_s=per_packet / PACKET_S,
    )


def _packet(number: int) -> Packet:
    """Return a packet like a bed's: a signal of 12 bit, which does not repeat itself."""
    length = round(PACKET_S * FS)
    random = np.random.default_rng(number)
    samples = random.normal(0, 100, (len(LEADS), length)).astype(np.int16)
    return Packet(
        device="bed-0000001", boot="0" * 16, seq=number, n0=number * length, fs=FS, leads=LEADS,
        gain=(200.0,) * len(LEADS), baseline=(0.0,) * len(LEADS), samples=samples, t0=time.time(),
    )  # fmt: skip


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Store]:
    client = connect(url)
    try:
        yield client
    finally:
        await client.aclose()


async def _redis_bytes(client: Store, settings: Settings, packets: int) -> float:
    """Return the memory of Redis for a packet that ingest has written, bytes."""
    writer = Writer(client, settings)
    topic = keys.wave_topic("bed-0000001")

    async def write(first: int, count: int) -> None:
        batch = [
            JudgedMessage(judge(topic, wire.encode_cbor(_packet(n)), retained=False), time.time())
            for n in range(first, first + count)
        ]
        await writer.write(batch)

    await write(0, 100)
    before = await _used(client)
    await write(100, packets)
    return (await _used(client) - before) / packets


async def _used(client: Store) -> float:
    info: Any = await client.info("memory")
    return float(info["used_memory"])
