"""Kill recorder, Redis and detector at random moments; hold what is recorded against what was sent.

  python -m workbench.faults.recorded                 forty moments: about six minutes
  python -m workbench.faults.recorded --kills 6       a short look
  python -m workbench.faults.recorded --seed 7        other victims at other moments

A system of its own is started, with four patients whose devices listen to receipts. At each moment
one to three of the parts are killed, together; at one in four, as the recorder seals a segment.
At the end each sample that a device has published is looked for in the archive, and in exports as
WFDB, EDF and CSV that wfdb, pyedflib and a reader of tables give back, and each beat that was
committed in the annotations.

Then the recorder alone is stopped for longer than Redis keeps samples. That is a gap, which must be
counted to the packet. It exits with 1 if a sample is lost otherwise, or differs, or is not told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.reading import recordings
from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import ArchiveError, ServiceError
from ecg_monitor.core.remote.streams import read_range
from ecg_monitor.core.stopping import cancel_all
from simulator.fleet import Fleet
from workbench.faults.published import SentPackets
from workbench.faults.readback import Readback, gaps, readback
from workbench.faults.recorder import SEGMENT_S, Recorder, moments
from workbench.faults.system import LOOK_S, System, running
from workbench.results import figures

SETTLED_WITHIN_S = 300.0
RETENTION_S = 10.0
"""How long Redis keeps samples where the recorder is away for longer, s: the shortest setting."""
AWAY_S = RETENTION_S + 12.0
"""So long the recorder is away then, s: Redis trims every few seconds."""

LATE_S = 20.0
"""After this time whatever the detector has committed is recorded, s."""
REPORTS_S = 5.0
"""So long after its start the recorder has reported, s."""


@contextlib.asynccontextmanager
async def _recording(system: System, folder: Path, retention_s: float) -> Any:
    recorder = Recorder(folder, system.redis_url, retention_s)
    keeping = asyncio.create_task(recorder.keep())
    try:
        yield recorder
    finally:
        await cancel_all([keeping])
        recorder.stop()


async def through_kills(count: int, seed: int, folder: Path) -> tuple[dict[str, Readback], int]:
    """Kill at so many moments; return by device what was kept, and how many beats lack in it.

    Args:
        count: how many moments.
        seed: of the plan.
        folder: where the system keeps its state.

    Raises:
        ServiceError: the system does not start, or does not come back.
        ArchiveError: the archive cannot be read.
    """
    published = SentPackets()
    async with (
        running(folder, published.tapped, "--no-record") as (system, fleet),
        _recording(system, folder, 86_400.0) as recorder,
    ):
        playing = asyncio.create_task(fleet.run())
        await _until(lambda: len(system.commits) > 3 and fleet.confirmed, "the patients to play")
        for number, moment in enumerate(moments(count, seed), 1):
            await asyncio.sleep(moment.after_s)
            if moment.sealing:
                await recorder.sealing(2 * SEGMENT_S)
            killed = [name for name in moment.victims if await _kill(system, recorder, name)]
            what = "as it seals: " if moment.sealing else ""
            print(f"{number:3}  {what}{', '.join(killed) or 'all away'}", flush=True)
        await _until(lambda: _confirmed(fleet), "the devices' receipts")
        await cancel_all([playing])
        await _analysed(system)
        await _caught_up(recorder.root, published)
        deadline = time.monotonic() + LATE_S
        while True:  # what was found last is on disk a turn of the recorder later
            kept = _read_back(recorder.root, published, folder)
            lacking = await _beats_lacking(system, kept)
            if not lacking or time.monotonic() > deadline:
                break
            await asyncio.sleep(1.0)
        lost = fleet.dropped + fleet.given_up
        if lost:
            raise ServiceError(f"devices gave up {lost} packets: the system was away for too long")
    return kept, lacking


@dataclass(frozen=True, slots=True)
class Absence:
    """What an absence of the recorder led to that was longer than Redis keeps samples.

    Attributes:
        away_s: how long it was stopped, s.
        packets_missing: packets that are not recorded.
        packets_told: packets of which the notes of the record say so.
        gaps: stretches that are not recorded, of all devices together.
        wrong: samples that are recorded, or exported, otherwise than they were published.
        told: whether pages were told that the recorder is away.
    """

    away_s: float
    packets_missing: int
    packets_told: int
    gaps: int
    wrong: int
    told: bool


async def through_absence(folder: Path) -> Absence:
    """Stop the recorder for longer than Redis keeps samples; return what came of it.

    Args:
        folder: where the system keeps its state.

    Raises:
        ServiceError: the system does not start.
        ArchiveError: the archive cannot be read.
    """
    published = SentPackets()
    async with (
        running(folder, published.tapped, "--no-record", retention_s=RETENTION_S) as (
            system,
            fleet,
        ),
        _recording(system, folder, RETENTION_S) as recorder,
    ):
        # One that is not there yet misses nothing, and one that never reported is not missed.
        await _until((recorder.root / "index.sqlite").is_file, "the recorder to start")
        await asyncio.sleep(REPORTS_S)
        playing = asyncio.create_task(fleet.run())
        await _until(lambda: bool(_devices(recorder.root)), "the first samples on disk")
        began = time.time()
        recorder.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(AWAY_S)
        recorder.process.send_signal(signal.SIGCONT)
        told = [kind for at, kind in system.told if at >= began]
        await asyncio.sleep(3.0)
        await _until(lambda: _confirmed(fleet), "the devices' receipts")
        await cancel_all([playing])
        await _caught_up(recorder.root, published)
        kept = _read_back(recorder.root, published, folder)
        spans = {device: gaps(recorder.root, published, device) for device in kept}
    missing = sum(
        any(a <= packet.n0 and packet.n1 <= b for a, b in spans[device])
        for device, packets in published.packets.items()
        for packet in packets
    )
    return Absence(
        AWAY_S,
        missing,
        max(one.told for one in kept.values()),
        sum(map(len, spans.values())),
        sum(one.wrong + sum(one.exported_wrong.values()) for one in kept.values()),
        "recorder_away" in told,
    )


async def _kill(system: System, recorder: Recorder, name: str) -> bool:
    """Kill a part; return False if it is away already, having been killed before."""
    if name == "record":
        if recorder.process.poll() is not None:
            return False
        recorder.process.kill()
        return True
    try:
        if name == "detect":
            async with asyncio.timeout(2.0):
                await system.find_owners()
        os.kill(system.pid(name), signal.SIGKILL)
    except (ServiceError, TimeoutError, ProcessLookupError):
        return False
    return True


def _confirmed(fleet: Fleet) -> bool:
    """Whether all that devices have sent is stored; the newest packets never all are."""
    return fleet.undelivered + fleet.unconfirmed <= 40


async def _analysed(system: System) -> None:
    await asyncio.sleep(1.0)
    await _until(lambda: not system.behind, "the analysis of all that was sent")


async def _caught_up(root: Path, published: SentPackets) -> None:
    """Wait until the archive reaches as far as the devices' last packets."""

    def reached() -> bool:
        with contextlib.suppress(ArchiveError):
            return all(
                _end(root, device) >= max(one.n1 for one in packets)
                for device, packets in published.packets.items()
            )
        return False

    await _until(reached, "the recorder to take up all that was sent", every_s=1.0)


def _end(root: Path, device: str) -> int:
    """Return the index one past the last sample of a device that is in a segment."""
    index = Index.open(root)
    try:
        return max((row.n1 for row in index.segments(device)), default=0)
    finally:
        index.close()


def _devices(root: Path) -> Sequence[str]:
    with contextlib.suppress(ArchiveError):
        return [one.device for one in recordings(root)]
    return []


def _read_back(root: Path, published: SentPackets, folder: Path) -> dict[str, Readback]:
    return {
        device: readback(root, published, device, folder) for device in sorted(published.packets)
    }


async def _beats_lacking(system: System, kept: Mapping[str, Readback]) -> int:
    """Return how many of the beats that the detector committed are not recorded."""
    committed: dict[str, set[int]] = {}
    client = store.connect(system.redis_url)
    try:
        async for _, fields in read_range(client, keys.events(0)):
            for event in orjson.loads(fields[b"j"]):
                if event["type"] == "beat":
                    committed.setdefault(fields[b"d"].decode(), set()).add(event["n"])
    finally:
        await client.aclose()
    return sum(max(0, len(committed.get(name, ())) - one.beats) for name, one in kept.items())


async def _until(look: Any, what: str, *, every_s: float = LOOK_S) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while not look():
        if time.monotonic() > deadline:
            raise ServiceError(f"waited {SETTLED_WITHIN_S:g} s in vain for {what}")
        await asyncio.sleep(every_s)


def values_of(
    kept: Mapping[str, Readback], lacking: int, absence: Absence, kills: int, seed: int
) -> dict[str, Any]:
    """Return what is written into the file of figures."""
    some = list(kept.values())
    return {
        "moments": kills,
        "seed": seed,
        "devices": len(some),
        "published": sum(one.published for one in some),
        "missing": sum(one.missing for one in some),
        "wrong": sum(one.wrong for one in some),
        "exported_wrong": {
            name: sum(one.exported_wrong[name] for one in some) for name in ("wfdb", "edf", "csv")
        },
        "beats": sum(one.beats for one in some),
        "beats_lacking": lacking,
        "absence": asdict(absence),
    }


def failed(values: Mapping[str, Any]) -> list[str]:
    """Return what of the outcome should not be, in words."""
    absence = values["absence"]
    doubts = {
        f"{values['missing']} samples are missing": values["missing"],
        f"{values['wrong']} samples differ": values["wrong"],
        f"exports differ: {values['exported_wrong']}": any(values["exported_wrong"].values()),
        f"{values['beats_lacking']} beats are missing": values["beats_lacking"],
        "nothing was recorded": not values["published"] or not values["beats"],
        "no gap was made": not absence["packets_missing"],
        f"{absence['packets_missing']} packets are missing, {absence['packets_told']} told": (
            absence["packets_missing"] != absence["packets_told"]
        ),
        f"{absence['wrong']} samples beside the gap differ": absence["wrong"],
        "an absence was not told": not absence["told"],
    }
    return [text for text, holds in doubts.items() if holds]


def main() -> int:
    """Run; returns 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=40, metavar="N", help="moments (default: 40)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the plan")
    figures.add_argument(parser)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ecg-recorded-") as folder:
        for name in ("kills", "absence"):
            (Path(folder) / name).mkdir()
        kept, lacking = asyncio.run(through_kills(args.kills, args.seed, Path(folder) / "kills"))
        absence = asyncio.run(through_absence(Path(folder) / "absence"))
    values = values_of(kept, lacking, absence, args.kills, args.seed)
    for name, value in values.items():
        print(f"{name.replace('_', ' '):>16}: {value}")
    if args.figures:
        figures.write(args.figures, values)
    wrong = failed(values)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
