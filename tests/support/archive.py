"""Puts packets, beats and alarms into Redis as ingest and the detector do, and records them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from ecg_monitor.archive.history import add_recording, boot_of
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.service import Recorder
from ecg_monitor.core import keys, wire
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Beat, Packet, event_to_map
from ecg_monitor.records.recording import BeatMark, Recording
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.trail import DETECTOR, Entry, EntryKind

FS = 250.0
T0 = 1_790_000_000.0
DEVICE = "bed-01"


def signal(n: int, leads: int = 2, seed: int = 1) -> np.ndarray:
    """A random walk, int16, shape (leads, n)."""
    steps = np.random.default_rng(seed).integers(-9, 10, (leads, n))
    return np.clip(np.cumsum(steps, axis=1), -32000, 32000).astype(np.int16)


def packet(samples: np.ndarray, n0: int, **other: Any) -> Packet:
    """A packet of samples, shape (leads, n), from index ``n0`` on."""
    leads = len(samples)
    fields: dict[str, Any] = {
        "device": DEVICE, "boot": "boot-1", "seq": 0, "t0": T0, "fs": FS,
        "leads": tuple(f"L{i + 1}" for i in range(leads)),
        "gain": (200.0,) * leads, "baseline": (0.0,) * leads,
    }  # fmt: skip
    return Packet(n0=n0, samples=samples, **(fields | other))


def packets(samples: np.ndarray, length: int = 125, n0: int = 0, **other: Any) -> list[Packet]:
    """Samples cut into packets."""
    return [
        packet(samples[:, at : at + length], n0 + at, **other)
        for at in range(0, samples.shape[1], length)
    ]


async def arrive(
    client: Store, some: list[Packet], late_s: float = 0.1, partition: int = 0
) -> None:
    """Append packets to their stream, as if each had come when its last sample was taken."""
    async with client.pipeline(transaction=False) as pipe:
        for one in some:
            at = T0 + one.n1 / one.fs + late_s
            fields = {"d": one.device, "t": f"{at:.6f}", "p": wire.encode_cbor(one)}
            pipe.xadd(keys.wave(partition), fields)
        await pipe.execute()


async def find_beats(client: Store, beats: dict[int, str], boot: str = "boot-1") -> None:
    """Append beats, class by sample index, to the stream of events."""
    events = [event_to_map(Beat(n, label, {}, None, None, n + 300)) for n, label in beats.items()]
    fields = {"d": DEVICE, "b": boot, "s": b"{}", "i": 0, "j": orjson.dumps(events)}
    await client.xadd(keys.events(0), fields)


async def alarm(
    client: Store, kind: str, n: int, ended_n: int | None = None, device: str = DEVICE
) -> None:
    """Append the beginning of an alarm, or its end, to the audit trail."""
    at = T0 + n / FS
    over = None if ended_n is None else T0 + ended_n / FS
    facts = Alert(
        id=f"{device}/boot-1/{kind}/{n}", device=device, boot="boot-1", kind=kind,
        priority="high", n=n, value=None, limit=None, present=over is None, onset_at=at,
        raised_at=at + 1, cleared_at=over, announced_at=at + 1, decided_n=n + 250, latching=True,
        ended_n=ended_n,
    )  # fmt: skip
    what = EntryKind.RAISED if over is None else EntryKind.CLEARED
    entry = Entry(what, DETECTOR, over or at, device, facts)
    await client.xadd(keys.alertlog(0), entry.to_fields())


@contextmanager
def recording(client: Store, root: Path, partitions: int = 1, **options: Any) -> Iterator[Recorder]:
    """A recorder of the first partitions, without its loop."""
    index = Index.open(root, make=True)
    recorder = Recorder.open(client, root, index, partitions, **options)
    try:
        yield recorder
    finally:
        recorder.close()
        index.close()


RR_N = 200
"""Samples between the beats of `reviewed_record`: 0.8 s."""


def reviewed_record(root: Path, minutes: float = 2.0, missed: int = 5) -> Recording:
    """Archive a record with a spike for each beat; every tenth is V, one is missed, one alarm."""
    n = round(minutes * 60 * FS)
    places = list(range(RR_N, n - RR_N, RR_N))
    samples = np.zeros((2, n), np.int16)
    for at in places:
        samples[:, at - 2 : at + 3] = np.array([50, 150, 250, 150, 50], np.int16)
    beats = tuple(
        BeatMark(at, "V" if i % 10 == 3 else "N") for i, at in enumerate(places) if i != missed
    )
    made = Recording("made", FS, ("II", "V1"), (200.0, 200.0), (0.0, 0.0), samples, beats)
    boot = boot_of("made", T0)
    vt = Alert(
        id=f"{DEVICE}/{boot}/vt/1000", device=DEVICE, boot=boot, kind="vt", priority="high",
        n=1000, value=None, limit=None, present=False, onset_at=T0 + 4, raised_at=T0 + 5,
        cleared_at=T0 + 12, announced_at=T0 + 5, decided_n=1250, latching=True, ended_n=3000,
    )  # fmt: skip
    add_recording(root, DEVICE, made, T0, alarms=[vt])
    return made
