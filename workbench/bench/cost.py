"""Measures what a bed costs: CPU time per bed and second of signal, by stage of the system.

  python -m workbench.bench.cost                          200 beds, 20 s, a real Redis
  python -m workbench.bench.cost --beds 50 --seconds 10 --json -
  python -m workbench.bench.cost --beds 200 --profile 40  the functions that take most, besides
  python -m workbench.bench.cost --twelve                 synthetic patients on twelve leads

In one process recordings are played as devices would send them; ingest's, the detector's and the
hub's own code takes them through a Redis of the command's own. CPU time is counted, never the
clock on the wall, so that a busy machine changes little; the hub has one page that shows one lead
of all beds. What a stage calls that is a stage itself is not counted in it. Beats are classified,
scored, measured and judged as they are live.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import detector.analyzer.analyzer as analyzer_module
import detector.runner.owning.round as round_module
from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.outbox import Outbox, dated
from dashboard.hub.polling import PartitionPoller
from dashboard.hub.readers import StreamReader
from dashboard.hub.requests import Subscription
from detector.analyzer.labelling import Labelling
from detector.analyzer.warm import warm
from detector.delineation.stream import Delineation
from detector.engine.engine import Engine
from detector.runner.alert_desk import AlertDesk
from detector.runner.fence import Fence
from detector.runner.owning.round import Round
from detector.runner.partition import PartitionRunner
from detector.runner.recovery.checkpoints import Checkpoints
from detector.runner.trend_desk import TrendDesk
from detector.runner.twelve_lead_desk import TwelveLeadDesk, load_network
from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.settings import load as load_settings
from ecg_monitor.core.store import Store, connect
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.records import Recording
from ingest.judge import judge
from ingest.writer import JudgedMessage, Writer
from simulator.synthetic import SyntheticPatient
from simulator.synthetic.leads import LEADS
from workbench.bench.command import read_recordings
from workbench.bench.engine import Player
from workbench.bench.stages import Stages, watching, yardstick_us
from workbench.results import figures

WARM_UP_S = 8.0
"""Signal before the measurement, s: learning, first labels and first checkpoints are over."""
PARTS = ("ingest", "detector", "hub", "redis")
REDIS = "redis: the server"
TWELVE = "detector: windows of twelve leads"
TWELVE_SCENARIOS = ("sinus", "lbbb", "stemi-inferior", "lvh")
"""What the beds of ``--twelve`` play, in turn."""
TWELVE_FS = 250.0
"""Sampling rate of what they play, Hz."""
OF_DETECTOR: list[tuple[Any, str, str]] = [
    (Round, "turn", "detector: the rest of a tick"),
    (round_module, "read_words", "detector: reading the stream"),
    (PartitionRunner, "read", "detector: decoding and noting packets"),
    (round_module, "feed_together", "detector: order, batches and rows"),
    (Engine, "advance", "detector: engine"),
    (Labelling, "label", "detector: labelling"),
    (Delineation, "take", "detector: delineation"),
    (analyzer_module, "measured_seconds", "detector: rules, seconds"),
    (analyzer_module, "second_events", "detector: rules, seconds"),
    (analyzer_module, "tick_events", "detector: rules, ticks"),
    (analyzer_module, "beat_events", "detector: rules, beats"),
    (analyzer_module, "peak_events", "detector: rules, peaks"),
    (PartitionRunner, "_deliver", "detector: packing events"),
    (TrendDesk, "take", "detector: trends"),
    (TrendDesk, "after", "detector: trends"),
    (AlertDesk, "take", "detector: alerts"),
    (AlertDesk, "after", "detector: alerts"),
    (TwelveLeadDesk, "take", TWELVE),
    (TwelveLeadDesk, "after", TWELVE),
    (PartitionRunner, "_add_progress", "detector: progress"),
    (Checkpoints, "add", "detector: checkpoints"),
    (Fence, "commit", "detector: commit"),
]


@dataclass(frozen=True, slots=True)
class Load:
    """What is measured.

    Attributes:
        beds: how many play.
        seconds: signal that is measured, s.
        packet_ms: length of a packet, ms.
        tick_ms: signal between two ticks of the detector, ms.
    """

    beds: int
    seconds: float
    packet_ms: float
    tick_ms: float


async def measure(
    client: Store,
    settings: Settings,
    recordings: Sequence[Recording],
    load: Load,
    profile: cProfile.Profile | None = None,
) -> dict[str, Any]:
    """Run beds and count.

    Args:
        client: client of an empty Redis.
        settings: of the parts; one process owns all partitions.
        recordings: what the beds play, in turn, each at least a minute long.
        load: what is measured.
        profile: takes the calls of the measured stretch.

    Returns:
        ``us_per_bed_second`` by stage, ``us_by_part``, ``total_us``, ``calls_per_bed_second``,
        ``table`` of the stages;
        ``yardstick_us``, see `workbench.bench.stages.yardstick_us`; ``core_share`` of ingest and
        detector together, 1 being one core; ``diagnosed``, beds with a diagnosis of twelve leads.
    """
    partitions = range(settings.partitions)
    stages = Stages()
    now = began = time.time()
    writer = Writer(client, settings)
    core = HubCore(len(partitions), began)
    page = Client(Outbox(lambda: None))
    core.connect(page)
    core.request(page, Subscription(), began)
    reader = StreamReader(core, client, tuple(partitions))
    pollers = [PartitionPoller(core, client, number) for number in partitions]
    players = [Player(i, recordings[i % len(recordings)], load.packet_ms) for i in range(load.beds)]
    step_s, before = load.tick_ms / 1000, 0.0
    yardsticks: list[float] = []
    with watching(stages, OF_DETECTOR):
        shared, runners = await _owners(client, settings, lambda: now)
        for step in range(round((WARM_UP_S + load.seconds) / step_s)):
            if step == round(WARM_UP_S / step_s):
                stages.clear()
                yardsticks.clear()
                gc.collect()
                gc.freeze()  # as the live detector does: what lives long is not searched again
                before = await _redis_s(client)
                if profile is not None:
                    profile.enable()
            now = began + (step + 1) * step_s
            sent = [
                (packet.device, wire.encode_cbor(packet))
                for player in players
                for packet in player.due((step + 1) * step_s)
            ]
            if not sent:
                continue
            with stages.stage("ingest: judging"):
                judged = [
                    JudgedMessage(judge(f"{keys.TOPIC_ROOT}/{device}/wave", payload), now)
                    for device, payload in sent
                ]
            with stages.stage("ingest: writing"):
                await writer.write(judged)
            await shared.turn(runners, 1)
            yardsticks.append(yardstick_us())
            with stages.stage("hub: reading"):
                await reader.read()
            if step % round(1 / step_s) == 0:
                with stages.stage("hub: polling, once a second"):
                    for poller in pollers:
                        await poller.fetch(sweep_alarms=step % round(5 / step_s) == 0)
                    core.tick(now)
            with stages.stage("hub: messages"):
                for message in page.outbox.take(time.time()):
                    dated(message, now, 0)
    if profile is not None:
        profile.disable()
    await asyncio.gather(*(runner.close() for runner in runners))
    redis_s = await _redis_s(client) - before
    each = 1e6 / (load.beds * load.seconds)
    cost = {name: round(own * each, 1) for name, own in stages.own_s.items()}
    cost[REDIS] = round(redis_s * each, 1)
    by_part = {
        part: round(sum(us for name, us in cost.items() if name.startswith(part)), 1)
        for part in PARTS
    }
    return {
        "beds": load.beds,
        "seconds": load.seconds,
        "packet_ms": load.packet_ms,
        "tick_ms": load.tick_ms,
        "partitions": len(partitions),
        "us_per_bed_second": dict(sorted(cost.items())),
        "us_by_part": by_part,
        "table": {"columns": ["stage", "µs"], "rows": _rows(cost, by_part)},
        "total_us": round(sum(cost.values()), 1),
        "yardstick_us": round(median(yardsticks), 1),
        "core_share": round(load.beds * (by_part["ingest"] + by_part["detector"]) / 1e6, 4),
        "twelve_core_share": round(load.beds * cost[TWELVE] / 1e6, 4),
        "diagnosed": sum([await client.hlen(keys.diagnoses(number)) for number in partitions]),
        "calls_per_bed_second": {
            name: round(count / load.beds / load.seconds, 2)
            for name, count in sorted(stages.calls.items())
        },
    }


async def _owners(
    client: Store, settings: Settings, now: Callable[[], float]
) -> tuple[Round, list[PartitionRunner]]:
    """Take all partitions over, as one process does; return its rounds and its partitions."""
    shared = Round(client)
    opened = [
        PartitionRunner.open(client, number, settings, now, apparatus=shared.apparatus)
        for number in range(settings.partitions)
    ]
    return shared, [await one for one in opened]


def _rows(cost: Mapping[str, float], by_part: Mapping[str, float]) -> list[list[str]]:
    """Return the stages of each part, the dearest first, and what the part takes in all."""
    rows = []
    for part in PARTS:
        stages = [(us, name) for name, us in cost.items() if name.startswith(part)]
        rows += [[name, f"{us:.0f}"] for us, name in sorted(stages, reverse=True)]
        rows.append([f"**{part} in all**", f"**{by_part[part]:.0f}**"])
    return rows


def twelve_lead_patients() -> list[Recording]:
    """Return what the beds of ``--twelve`` play: a minute and a half of each scenario."""
    found = []
    for name in TWELVE_SCENARIOS:
        source = SyntheticPatient(name, TWELVE_FS, LEADS, seed=1, gain=1000.0, rail_mv=10.0)
        many = len(LEADS)
        samples = source.generate(90.0).samples
        found.append(Recording(name, TWELVE_FS, LEADS, (1000.0,) * many, (0.0,) * many, samples))
    return found


async def _redis_s(client: Store) -> float:
    """Return the CPU time that the server has taken so far, s."""
    found = await client.info("cpu")
    return float(found["used_cpu_user"]) + float(found["used_cpu_sys"])


def show(found: dict[str, Any]) -> None:
    """Print the figures as a table."""
    print(
        f"{found['beds']} beds, {found['seconds']:g} s of signal: CPU time per bed and second, us"
    )
    for name, us in found["us_per_bed_second"].items():
        print(f"{us:8.1f}  {name}")
    for part, us in found["us_by_part"].items():
        print(f"{us:8.1f}  {part} in all")
    print(f"{found['total_us']:8.1f}  in all; yardstick {found['yardstick_us']:.1f} us, of which")
    print(f"{found['total_us'] / found['yardstick_us']:8.3f}  are a bed and second")


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--beds", type=int, default=200, help="number of beds (default 200)")
    parser.add_argument("--seconds", type=float, default=20.0, help="signal, s (default 20)")
    parser.add_argument("--packet-ms", type=float, default=250.0, help="packet length (250)")
    parser.add_argument("--tick-ms", type=float, default=50.0, help="between two ticks (50)")
    parser.add_argument("--data", metavar="DIR", default="", help="folder of recordings")
    parser.add_argument(
        "--twelve", action="store_true", help="play synthetic patients on twelve leads at 250 Hz"
    )
    parser.add_argument(
        "--profile", type=int, metavar="N", default=0, help="print the N dearest functions as well"
    )
    figures.add_outputs(parser)
    args = parser.parse_args()
    settings = load_settings()
    if args.twelve:
        load_network()  # as a detector that runs for longer has
        recordings = twelve_lead_patients()
    else:
        recordings, _ = read_recordings(settings, args.data)
    load = Load(args.beds, args.seconds, args.packet_ms, args.tick_ms)
    profile = cProfile.Profile(time.thread_time) if args.profile else None
    warm()
    with tempfile.TemporaryDirectory(prefix="ecg-cost-") as state:
        service = start_redis(replace(settings, redis_url="", state=state))
        try:
            found = asyncio.run(_run(service.url, settings, recordings, load, profile))
        finally:
            service.stop()
    show(found)
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(args.profile)
    figures.write_outputs(args, found, args.data)
    return 0


async def _run(
    url: str,
    settings: Settings,
    recordings: Sequence[Recording],
    load: Load,
    profile: cProfile.Profile | None,
) -> dict[str, Any]:
    client = connect(url)
    try:
        return await measure(client, settings, recordings, load, profile)
    finally:
        await client.aclose()


if __name__ == "__main__":
    sys.exit(main())
