"""Others write to the archive as well, and clocks are set: all that was recorded stays whole."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecg_monitor.archive.history import add_recording
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.reading import read_interval
from ecg_monitor.core.errors import ArchiveError
from ecg_monitor.records.recording import BeatMark, Recording
from tests.support.archive import DEVICE, FS, T0, arrive, find_beats, packets, recording, signal

HOUR_S = 3600.0


def made(name: str, seed: int, minutes: float = 30.0) -> Recording:
    samples = signal(round(minutes * 60 * FS), seed=seed)
    beats = (BeatMark(500, "N"), BeatMark(900, "V"))
    return Recording(name, FS, ("L1", "L2"), (200.0,) * 2, (0.0,) * 2, samples, beats)


async def test_a_recorder_and_imports_in_one_folder(redis_client: Any, tmp_path: Path) -> None:
    """Of another bed, and of the past of the bed that is recorded: both are whole, and it too."""
    live = signal(10_000)
    past = [made("one", 2), made("two", 3)]
    starts = [T0, T0 - 24 * HOUR_S]
    beds = ["bed-02", DEVICE]

    def bring() -> None:
        for bed, one, start in zip(beds, past, starts, strict=True):
            add_recording(tmp_path, bed, one, start)

    with recording(redis_client, tmp_path) as recorder:
        bringing = asyncio.create_task(asyncio.to_thread(bring))
        for at in range(0, 10_000, 500):
            await arrive(redis_client, packets(live[:, at : at + 500], n0=at))
            await find_beats(redis_client, {at + 250: "N"})
            await recorder.turn()
            await recorder.seal()
        await bringing
    for bed, one, start in zip(beds, past, starts, strict=True):
        found = read_interval(tmp_path, bed, start, start + one.duration_s).recording
        assert np.array_equal(found.samples, one.samples)
        assert found.beats == one.beats
    interval = read_interval(tmp_path, DEVICE, T0)
    assert np.array_equal(interval.recording.samples, live)
    assert [beat.sample for beat in interval.recording.beats] == list(range(250, 10_000, 500))
    assert interval.notes == ()


def test_of_two_imports_of_one_time_at_once_one_is_refused(tmp_path: Path) -> None:
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def bring(one: Recording) -> None:
        ready.wait()
        try:
            add_recording(tmp_path, DEVICE, one, T0)
            outcomes.append(one.name)
        except ArchiveError as error:
            outcomes.append(str(error))

    pair = [made("one", 2, 5.0), made("two", 3, 5.0)]
    threads = [threading.Thread(target=bring, args=(one,)) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (name,) = [one for one in outcomes if one in ("one", "two")]
    (why,) = [one for one in outcomes if one not in ("one", "two")]
    assert "something of that time is kept already" in why
    kept = next(one for one in pair if one.name == name)
    assert np.array_equal(read_interval(tmp_path, DEVICE).recording.samples, kept.samples)
    assert len(list(tmp_path.rglob("*.hea"))) == 1, "nothing is left of the other"


@pytest.mark.parametrize("step_s", [-HOUR_S, HOUR_S])
async def test_a_clock_that_is_set_while_a_segment_is_sealed(
    redis_client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step_s: float
) -> None:
    """Of ingest's machine, whose arrivals it is that times come from, and of the recorder's."""
    live, clock = signal(6000), time.time
    with recording(redis_client, tmp_path) as recorder:
        for part, at in enumerate(range(0, 6000, 1000)):
            is_set = part >= 3
            late_s = 0.1 + (step_s if is_set else 0.0)
            await arrive(redis_client, packets(live[:, at : at + 1000], n0=at), late_s)
            await find_beats(redis_client, {at + 500: "N", max(1, at - 100): "S"})
            await recorder.turn()
            if part == 3:
                monkeypatch.setattr(time, "time", lambda: clock() + step_s)
            if part % 2:
                await recorder.seal()
    found = read_interval(tmp_path, DEVICE)
    assert np.array_equal(found.recording.samples, live)
    assert len(found.recording.beats) == 12
    index = Index.open(tmp_path)
    rows = index.segments(DEVICE, boot="boot-1", samples=(0, 6000))
    assert sorted((row.n0, row.n1) for row in rows) == [(0, 2000), (2000, 4000), (4000, 6000)]
    index.close()
