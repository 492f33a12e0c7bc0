"""Measures what the hub costs by how many beds there are, and how many of them a screen shows.

  python -m workbench.bench.hub.command --data mitdb/     64 of 64, 500, 2000 beds; 200 screens
  python -m workbench.bench.hub.command --beds 500 --watched 16 --screens 4       any other

A hub process of its own reads a real Redis, into which a ward writes at the pace of the clock what
ingest and the detector wrote for eight recordings (`workbench.bench.hub.ward`). CPU time of the hub
is counted, websockets and all, when it has its history of twenty seconds already. Each screen shows
one lead of its beds and hears of the alarms of all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import psutil

from detector.analyzer.warm import warm
from ecg_monitor.core.errors import EcgMonitorError, ServiceError, SettingsError
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.settings import load as load_settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import answering
from ecg_monitor.launch import processes
from ecg_monitor.launch.services.start import Service, start_redis
from ecg_monitor.records import Recording
from ecg_monitor.ward import access
from workbench.bench.command import read_recordings
from workbench.bench.hub.screens import Screen, pinging
from workbench.bench.hub.ward import Part, Ward, record
from workbench.bench.stages import yardstick_us
from workbench.bench.whole.client import session_cookie
from workbench.results import figures

PAST_S = 20.0
"""Signal that lies in Redis before the hub begins, s: what it keeps for pages that open."""
SETTLE_S = 2.0
START_S = 30.0
OF_SESSION = 16
"""Screens that share a session: more the hub does not let in."""
MOST_WATCHED = 256
"""Names that one subscription may hold."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured.

    Attributes:
        beds: how many there are.
        watched: how many of them each screen shows: the same ones.
        screens: how many screens.
    """

    beds: int
    watched: int
    screens: int = 1

    @property
    def name(self) -> str:
        """The case in words."""
        screens = "1 screen" if self.screens == 1 else f"{self.screens} screens"
        return f"{self.watched} of {self.beds} beds, {screens}"


ALONE = Case(1, 1)
"""What a hub costs whatever beds there are, nearly."""
CASES = (ALONE, Case(64, 64), Case(500, 64), Case(2000, 64), Case(16, 16, 200))


async def measure(settings: Settings, parts: Sequence[Part], case: Case, seconds: float) -> Any:
    """Run a hub and count.

    Args:
        settings: of the system; its Redis is empty.
        parts: what the beds play.
        case: how many beds and screens.
        seconds: how long is counted, s.

    Returns:
        ``cpu_percent`` of a core of the hub, ``redis_percent`` of Redis; ``us_per_bed_second`` of
        the hub, over all beds; ``memory_mb``; ``sent_kib_per_s`` to each screen;
        ``seen``, samples that came to a screen as a share of what was taken meanwhile; ``dropped``.

    Raises:
        ServiceError: the hub does not start, or ends.
    """
    ward = Ward.of(settings.redis_url, settings.partitions, parts, case.beds)
    async with answering(settings.redis_url) as client:
        await client.flushdb()
        await ward.open(PAST_S)
        tasks = [asyncio.create_task(ward.play())]
        hub = _start(settings)
        screens: list[Screen] = []
        try:
            await _until_it_answers(hub, settings.hub_port)
            shown = [one.name for one in ward.devices[: case.watched]]
            cookie = ""
            for number in range(case.screens):
                if number % OF_SESSION == 0:
                    cookie = await session_cookie(settings, client)
                origin = min(access.allowed_origins(settings))
                screen = Screen(settings.hub_port, origin, cookie, shown, reads=number == 0)
                await screen.join()
                screens.append(screen)
            tasks.append(asyncio.create_task(pinging(screens)))
            await asyncio.sleep(SETTLE_S)
            redis = psutil.Process((await client.info("server"))["process_id"])
            found = await _count(psutil.Process(hub.pid), redis, screens, seconds)
            if any(screen.closed for screen in screens):
                raise ServiceError("the hub has closed a screen")
            if ward.is_over:
                raise ServiceError("the recorded stretch was over before the measurement")
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for screen in screens:
                screen.close()
            await cancel_all(tasks)
            await asyncio.to_thread(processes.stop, [hub], 5.0)
            await ward.close()
    each = 1e6 / (case.beds * seconds)
    return {
        "case": case.name,
        "beds": case.beds,
        "watched": case.watched,
        "screens": case.screens,
        **found,
        "us_per_bed_second": round(found["cpu_percent"] / 100 * seconds * each, 1),
        "latest_write_s": round(ward.latest_s, 3),
    }


def _start(settings: Settings) -> Any:
    command = [sys.executable, "-m", "ecg_monitor.cli", "hub"]
    environ = {**os.environ, **to_environ(settings)}
    return processes.start(command, log=Path(settings.state) / "hub.log", environ=environ)


async def _until_it_answers(hub: Any, port: int) -> None:
    deadline = time.monotonic() + START_S
    while not await asyncio.to_thread(processes.answers, "127.0.0.1", port):
        if hub.poll() is not None or time.monotonic() > deadline:
            raise ServiceError("the hub does not start")
        await asyncio.sleep(0.05)


async def _count(
    hub: psutil.Process, redis: psutil.Process, screens: Sequence[Screen], seconds: float
) -> dict[str, Any]:
    """Count for a while."""
    looks = screens[0]
    before = _cpu_s(hub), _cpu_s(redis), time.monotonic()
    had, received = dict(looks.samples), sum(one.received for one in screens)
    await asyncio.sleep(seconds)
    hub_s, redis_s, took_s = _cpu_s(hub), _cpu_s(redis), time.monotonic() - before[2]
    came = [count - had.get(name, 0) for name, count in looks.samples.items()]
    sent = sum(one.received for one in screens) - received
    return {
        "cpu_percent": round(100 * (hub_s - before[0]) / took_s, 2),
        "redis_percent": round(100 * (redis_s - before[1]) / took_s, 2),
        "memory_mb": round(hub.memory_info().rss / 1e6, 1),
        "sent_kib_per_s": round(sent / 1024 / len(screens) / took_s, 1),
        "seen": round(min(came, default=0) / took_s / 360.0, 3),
        "dropped": looks.dropped,
    }


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def unit_costs(found: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return what one bed costs, by the differences of the cases.

    Returns:
        ``fixed_us``, of a hub with one bed, per second; ``watched_us`` and ``unwatched_us`` of one
        bed more, per second, that one screen or none shows.
    """
    cost = {
        (one["beds"], one["watched"], one["screens"]): one["cpu_percent"] * 1e4 for one in found
    }
    fixed = cost[1, 1, 1]
    watched = (cost[64, 64, 1] - fixed) / 63
    unwatched = (cost[2000, 64, 1] - cost[64, 64, 1]) / (2000 - 64)
    return {
        "fixed_us": round(fixed, 1),
        "watched_us": round(watched, 1),
        "unwatched_us": round(unwatched, 2),
    }


def table(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the cases as a table."""
    return {
        "columns": ["beds and screens", "hub, % of a core", "µs per bed and second", "memory, MB"],
        "rows": [
            [
                one["case"],
                f"{one['cpu_percent']:.1f}",
                f"{one['us_per_bed_second']:.0f}",
                f"{one['memory_mb']:.0f}",
            ]
            for one in found
        ],
    }


async def run(
    settings: Settings, recordings: Sequence[Recording], cases: Sequence[Case], seconds: float
) -> list[dict[str, Any]]:
    """Record what beds play, and measure one case after the other."""
    async with answering(settings.redis_url) as client:
        parts = await record(client, settings, recordings, PAST_S + START_S / 3 + seconds)
    found = []
    for case in cases:
        found.append(await measure(settings, parts, case, seconds))
        print(orjson.dumps(found[-1]).decode(), flush=True)
    return found


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--beds", type=int, help="one case: how many beds")
    parser.add_argument("--watched", type=int, help="... how many of them a screen shows (all)")
    parser.add_argument("--screens", type=int, default=1, help="... how many screens (1)")
    parser.add_argument("--seconds", type=float, default=8.0, help="counted, s (default 8)")
    parser.add_argument("--data", metavar="DIR", default="", help="folder of recordings")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write figures")
    figures.add_argument(parser)
    args = parser.parse_args()
    settings = load_settings()
    try:
        cases = CASES if args.beds is None else (_case(args),)
        recordings, _ = read_recordings(settings, args.data)
        warm()
        with tempfile.TemporaryDirectory(prefix="ecg-hub-") as state:
            own = replace(
                settings, redis_url="", state=state, secret="bench-only", host="127.0.0.1",
                hub_port=processes.free_port(), partitions=4,
            )  # fmt: skip
            service: Service = start_redis(own)
            try:
                own = replace(own, redis_url=service.url)
                measured = asyncio.run(run(own, recordings, cases, args.seconds))
            finally:
                service.stop()
    except EcgMonitorError as error:
        print(f"ecg-monitor: {error}", file=sys.stderr)
        return 1
    found: dict[str, Any] = {
        "cases": {one["case"]: one for one in measured},
        "table": table(measured),
        "yardstick_us": round(yardstick_us(), 1),
    }
    if args.beds is None:
        found["units"] = unit_costs(measured)
        print(found["units"])
    if args.json:
        args.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    if args.figures:
        figures.write(args.figures, found, [Path(args.data)] if args.data else [])
    return 0


def _case(args: argparse.Namespace) -> Case:
    watched = args.beds if args.watched is None else args.watched
    if not 1 <= watched <= min(args.beds, MOST_WATCHED) or not 1 <= args.screens <= MOST_WATCHED:
        raise SettingsError(
            f"--watched must be from 1 to --beds and at most {MOST_WATCHED}, and so must --screens"
        )
    return Case(args.beds, watched, args.screens)


if __name__ == "__main__":
    sys.exit(main())
