"""Measures what a packet costs the process of ingest: a real broker, a real Redis, its own process.

  python -m workbench.bench.intake --data ../shared/data/mitdb                 500 beds, 20 s
  python -m workbench.bench.intake --beds 1000 --packet-ms 500 --json -
  python -m workbench.bench.intake --code former/      the ingest of another checkout, to compare

Packets of two leads are encoded in advance and published evenly, each at its time; the CPU time is
that of ingest's process alone, connection, event loop and libraries included. The more packets
share a look, the less each costs: say how many came per second with any figure. Other work on the
machine makes looks rarer, hence packets cheaper.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import psutil

from ecg_monitor.core import keys, wire
from ecg_monitor.core.mqtt.url import parse_url
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.settings import load as load_settings
from ecg_monitor.core.store import Store, connect, read_hash
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import start_services
from ecg_monitor.records import Recording
from ecg_monitor.ward.devices.roster import RosterEntry
from simulator.link import mqtt_codec
from simulator.link.connection import Link, open_link
from workbench.bench.command import read_recordings
from workbench.bench.engine import Player
from workbench.results import figures

WARM_UP_S = 4.0
"""Time before the measurement, s: ingest is connected, its code is warm."""
READY_S = 60.0
"""Longest wait until ingest is connected, s."""
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Load:
    """What is measured.

    Attributes:
        beds: how many devices send.
        seconds: time that is measured, s.
        packet_ms: length of a packet, ms.
    """

    beds: int
    seconds: float
    packet_ms: float


Sent = list[tuple[float, bytes]]
"""Times after the first packet, s, and what is sent then: PUBLISH with QoS 1."""


def prepare(recordings: Sequence[Recording], load: Load) -> Sent:
    """Return what all devices send, in order of time.

    Args:
        recordings: what the devices play, in turn.
        load: what is measured.
    """
    sent = []
    mid = 0
    span_s = WARM_UP_S + load.seconds
    for number in range(load.beds):
        player = Player(number, recordings[number % len(recordings)], load.packet_ms)
        for packet in player.due(span_s):
            ends = (packet.n0 + packet.samples.shape[1]) / packet.fs
            phase = number * 0.6180339887 % 1.0 * load.packet_ms / 1000
            mid = mid % mqtt_codec.MAX_MID + 1
            topic, payload = keys.wave_topic(packet.device), wire.encode_cbor(packet)
            sent.append((ends + phase, mqtt_codec.publish(topic, payload, mid)))
    return sorted(sent)


async def measure(settings: Settings, sent: Sent, load: Load, code: Path) -> dict[str, Any]:
    """Start ingest, send, and count.

    Args:
        settings: where broker and Redis are, both empty.
        sent: see `prepare`.
        load: what is measured.
        code: checkout whose ingest is measured.

    Returns:
        ``us_per_packet`` of CPU time, ``user_us`` and ``system_us`` of it, ``core_percent``,
        ``packets_per_s``, ``packets``, ``stored`` of all that were sent, ``batch_mean`` and
        ``delay_ms_p99`` as ingest itself says.
    """
    client = connect(settings.require("redis_url"))
    environ = {**os.environ, **to_environ(settings), "PYTHONPATH": str(code)}
    await enrol(client, settings, (f"bed-{number:04d}" for number in range(load.beds)))
    command = [sys.executable, "-P", "-m", "ecg_monitor.cli", "ingest"]  # -P: not from here
    ingest = processes.start(command, environ=environ)
    link: Link | None = None
    try:
        process = psutil.Process(ingest.pid)
        await until_connected(client)
        link = await open_link(
            parse_url(settings.require("mqtt_url")),
            "intake",
            will_topic="intake/will",
            will_payload=b"",
            on_acks=lambda _: None,
            on_ready=lambda: None,
            on_message=lambda _: None,
        )
        began = time.monotonic()
        done, before, started_at = 0, process.cpu_times(), began
        measured_from: int | None = None
        while done < len(sent):
            now = time.monotonic() - began
            first = done
            while done < len(sent) and sent[done][0] <= now:
                done += 1
            for _, data in sent[first:done]:
                link.write(data)
            if measured_from is None and now >= WARM_UP_S:
                measured_from, before, started_at = done, process.cpu_times(), time.monotonic()
            await asyncio.sleep(0.0005)
        after, lasted_s = process.cpu_times(), time.monotonic() - started_at
        stored = await _until_stored(client, settings, len(sent))
        said = [orjson.loads(text) for text in await client.hvals(keys.THROUGHPUT)]
    finally:
        if link is not None:
            link.close()
        processes.stop([ingest], 5.0)
        await client.aclose()
    packets = len(sent) - (measured_from or 0)
    user_s, system_s = after.user - before.user, after.system - before.system
    return {
        "beds": load.beds,
        "seconds": load.seconds,
        "packet_ms": load.packet_ms,
        "us_per_packet": round(1e6 * (user_s + system_s) / packets, 1),
        "user_us": round(1e6 * user_s / packets, 1),
        "system_us": round(1e6 * system_s / packets, 1),
        "core_percent": round(100 * (user_s + system_s) / lasted_s, 1),
        "packets_per_s": round(packets / lasted_s, 1),
        "packets": packets,
        "stored": round(stored / len(sent), 4),
        "batch_mean": said[0]["batch_mean"],
        "delay_ms_p99": said[0]["delay_ms_p99"],
    }


async def enrol(client: Store, settings: Settings, devices: Iterable[str]) -> None:
    """Put devices on the roster: newcomers would have to wait for their turn."""
    now = time.time()
    for device in devices:
        partition = keys.partition_of(device, settings.partitions)
        entry = RosterEntry(now, now).to_text()
        await client.hset(keys.roster(partition), device, entry)


async def until_connected(client: Store) -> None:
    """Wait until ingest is connected.

    Raises:
        TimeoutError: it is not in time.
    """
    async with asyncio.timeout(READY_S):
        while True:
            texts = await client.hvals(keys.THROUGHPUT)
            if any(orjson.loads(text)["broker_away_s"] == 0.0 for text in texts):
                return
            await asyncio.sleep(LOOK_S)


async def _until_stored(client: Store, settings: Settings, count: int) -> int:
    """Wait until Redis has counted so many packets, or none has come for a second."""
    stored, quiet_s = 0, 0.0
    while stored < count and quiet_s < 1.0:
        await asyncio.sleep(LOOK_S)
        former, stored = stored, 0
        for partition in range(settings.partitions):
            found = await read_hash(client, keys.counters(partition))
            stored += sum(int(n) for name, n in found.items() if name.endswith("|accepted"))
        quiet_s = 0.0 if stored > former else quiet_s + LOOK_S
    return stored


def show(found: dict[str, Any]) -> None:
    """Print the figures."""
    print(
        f"{found['us_per_packet']:.1f} us of CPU time per packet (user {found['user_us']:.1f}, "
        f"system {found['system_us']:.1f}) at {found['packets_per_s']:.0f} packets/s: "
        f"{found['core_percent']:.1f} % of a core; {found['batch_mean']:.1f} packets a write, "
        f"p99 {found['delay_ms_p99']:.1f} ms until stored; {found['stored']:.2%} stored"
    )


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--beds", type=int, default=500, help="number of beds (default 500)")
    parser.add_argument("--seconds", type=float, default=20.0, help="time, s (default 20)")
    parser.add_argument("--packet-ms", type=float, default=500.0, help="packet length (500)")
    parser.add_argument("--data", metavar="DIR", default="", help="folder of recordings")
    parser.add_argument(
        "--code", metavar="DIR", type=Path, default=figures.ROOT, help="checkout to measure"
    )
    figures.add_outputs(parser)
    args = parser.parse_args()
    settings = load_settings()
    recordings, _ = read_recordings(settings, args.data)
    load = Load(args.beds, args.seconds, args.packet_ms)
    sent = prepare(recordings, load)
    with tempfile.TemporaryDirectory(prefix="ecg-intake-") as state:
        own = replace(settings, redis_url="", mqtt_url="", state=state)
        with start_services(own) as services:
            found = asyncio.run(measure(services.configure(own), sent, load, args.code.resolve()))
    show(found)
    figures.write_outputs(args, found, args.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
