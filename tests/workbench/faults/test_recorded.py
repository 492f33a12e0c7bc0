"""What devices publish is what is recorded and exported, through kills of three parts together.

The real broker, Redis, ingest, detector and recorder run, with devices that listen to receipts.
`make faults-recorded` does the same at forty moments.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from simulator.device import Plan
from simulator.events import Send
from tests.support.archive import packets, signal
from workbench.faults.published import SentPackets
from workbench.faults.readback import Readback
from workbench.faults.recorded import (
    Absence,
    failed,
    through_absence,
    through_kills,
    values_of,
)
from workbench.faults.recorder import VICTIMS, moments

GONE = Absence(22.0, 9, 9, 1, 0, True)
GOOD = Readback(1000, 0, 0, {"wfdb": 0, "edf": 0, "csv": 0}, 0, 12)

running = pytest.mark.timeout(1200)  # a busy machine starts slowly


@running
async def test_every_sample_through_kills_of_recorder_redis_and_detector(tmp_path: Path) -> None:
    kept, lacking = await through_kills(4, 1, tmp_path)
    assert len(kept) == 4
    assert failed(values_of(kept, lacking, GONE, 4, 1)) == []


@running
async def test_an_absence_longer_than_redis_keeps_samples_is_a_gap_and_told(tmp_path: Path) -> None:
    absence = await through_absence(tmp_path)
    assert failed(values_of({"one": GOOD}, 0, absence, 0, 1)) == []
    assert absence.gaps == 4, "one of each device"


def test_a_seed_repeats_the_moments_and_all_parts_die_together_in_some() -> None:
    assert list(moments(40, 3)) == list(moments(40, 3))
    assert list(moments(40, 3)) != list(moments(40, 4))
    some = list(moments(40, 1))
    assert {len(one.victims) for one in some} == {1, 2, 3}
    assert {victim for one in some for victim in one.victims} == set(VICTIMS)
    assert any(one.sealing for one in some)
    assert all("record" in one.victims for one in some if one.sealing)


def test_what_a_device_has_not_handed_on_is_not_published() -> None:
    made = signal(500)
    sends = [Send(one.n1 / one.fs, one) for one in packets(made)]
    published = SentPackets()
    (plan,) = published.tapped([Plan("bed-01", {}, lambda _: iter(sends))])
    playing = plan.events(0.0)
    for _ in range(3):
        next(playing)
    first, samples, sent = published.signal("bed-01")
    assert (first, samples.shape[1], bool(sent.all())) == (0, 250, True)
    assert (samples == made[:, :250]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"missing": 3}, "3 samples are missing"),
        ({"wrong": 2}, "2 samples differ"),
        ({"exported_wrong": {"wfdb": 0, "edf": 1, "csv": 0}}, "exports differ"),
        ({"beats": 0}, "nothing was recorded"),
    ],
)
def test_what_is_not_as_published_is_said(change: dict[str, object], words: str) -> None:
    assert failed(values_of({"one": GOOD}, 0, GONE, 1, 1)) == []
    bad = dataclasses.replace(GOOD, **change)
    (said,) = failed(values_of({"one": bad}, 0, GONE, 1, 1))
    assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"packets_told": 8}, "9 packets are missing, 8 told"),
        ({"told": False}, "an absence was not told"),
        ({"wrong": 1}, "beside the gap differ"),
    ],
)
def test_a_gap_that_is_told_wrongly_is_said(change: dict[str, object], words: str) -> None:
    absence = dataclasses.replace(GONE, **change)
    (said,) = failed(values_of({"one": GOOD}, 0, absence, 1, 1))
    assert words in said
