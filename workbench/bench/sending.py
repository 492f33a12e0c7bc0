"""Measures what a packet costs the process of the simulator: a real broker, and a real ingest.

  python -m workbench.bench.sending --data ../shared/data/mitdb                 500 beds, 15 s
  python -m workbench.bench.sending --code former/      another checkout's simulator, to compare

The CPU time is that of the simulator's process alone: packets cut and encoded, annotations told,
acknowledgements and receipts heard, a connection for each device. The truth that each device
publishes every second is not counted as packets; what it costs is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.settings import load as load_settings
from ecg_monitor.core.store import Store, connect
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import start_services
from workbench.bench.intake import enrol, until_connected
from workbench.bench.whole.system import Load
from workbench.results import figures

WARM_UP_S = 5.0
"""Time between the first packets and the measurement, s: receipts are given, code is warm."""
START_S = 60.0
"""Longest wait for the first packet of each device, s."""
LOOK_S = 0.1


async def measure(settings: Settings, load: Load, code: Path) -> dict[str, Any]:
    """Start ingest and the simulator, and count.

    Args:
        settings: where broker and Redis are, both empty.
        load: what is measured.
        code: checkout whose simulator is measured.

    Returns:
        ``us_per_packet`` of CPU time, ``user_us`` and ``system_us`` of it, ``core_percent``,
        ``packets_per_s``, ``packets`` that were stored meanwhile, and ``stored``, their share of
        what was to be sent.

    Raises:
        TimeoutError: ingest is not connected, or nothing comes, in time.
    """
    client = connect(settings.require("redis_url"))
    environ = {**os.environ, **to_environ(settings)}
    width = max(2, len(str(load.beds)))
    await enrol(client, settings, (f"bed-{1 + one:0{width}d}" for one in range(load.beds)))
    started = []
    try:
        ingest = [sys.executable, "-m", "ecg_monitor.cli", "ingest"]
        started.append(processes.start(ingest, environ=environ))
        await until_connected(client)
        simulate = [sys.executable, "-P", "-m", "ecg_monitor.cli"]  # -P: not from here
        environ["PYTHONPATH"] = str(code)
        started.append(processes.start([*simulate, *load.simulator()], environ=environ))
        process = psutil.Process(started[-1].pid)
        async with asyncio.timeout(START_S):
            while await _stored(client, settings) < load.beds:
                await asyncio.sleep(LOOK_S)
        await asyncio.sleep(WARM_UP_S)
        had, before, began = await _stored(client, settings), process.cpu_times(), time.monotonic()
        await asyncio.sleep(load.seconds)
        packets = await _stored(client, settings) - had
        after, lasted_s = process.cpu_times(), time.monotonic() - began
    finally:
        processes.stop(started[::-1], 5.0)
        await client.aclose()
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
        "stored": round(packets / (load.beds * lasted_s / load.packet_ms * 1000), 4),
    }


async def _stored(client: Store, settings: Settings) -> int:
    """Return how many packets Redis has ever taken."""
    waves = [keys.wave(one) for one in range(settings.partitions)]
    infos = [await client.xinfo_stream(wave) for wave in waves if await client.exists(wave)]
    return sum(int(info["entries-added"]) for info in infos)


def show(found: dict[str, Any]) -> None:
    """Print the figures."""
    print(
        f"{found['us_per_packet']:.1f} us of CPU time per packet (user {found['user_us']:.1f}, "
        f"system {found['system_us']:.1f}) at {found['packets_per_s']:.0f} packets/s: "
        f"{found['core_percent']:.1f} % of a core; {found['stored']:.2%} stored"
    )


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--beds", type=int, default=500, help="number of beds (default 500)")
    parser.add_argument("--seconds", type=float, default=15.0, help="time, s (default 15)")
    parser.add_argument("--packet-ms", type=float, default=500.0, help="packet length (500)")
    parser.add_argument("--data", metavar="DIR", default="", help="folder of recordings")
    parser.add_argument(
        "--code", metavar="DIR", type=Path, default=figures.ROOT, help="checkout to measure"
    )
    figures.add_outputs(parser)
    args = parser.parse_args()
    data = str(Path(args.data).resolve()) if args.data else ""
    load = Load(args.beds, args.seconds, args.packet_ms, data)
    with tempfile.TemporaryDirectory(prefix="ecg-sending-") as state:
        own = replace(load_settings(), redis_url="", mqtt_url="", state=state)
        with start_services(own) as services:
            found = asyncio.run(measure(services.configure(own), load, args.code.resolve()))
    show(found)
    figures.write_outputs(args, found, args.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
