"""P waves that march through, at rates and sizes of their own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from detector.rhythm.alarms import AlarmRules
from detector.rhythm.rules.dissociation import DissociationRules
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm, Episode, Event
from ecg_monitor.records import Recording
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment
from workbench.evaluate.waveform import seconds_of

FS = 250.0
LAG_S = 0.4


def told(
    *segments: Segment,
    seed: int = 1,
    leads: tuple[str, ...] = ("II", "V1"),
    restart_s: int | None = None,
) -> list[Event]:
    """Show a synthetic patient to the rule, with the beats that the simulator knows of."""
    patient = SyntheticPatient(Scenario(segments, loop=False), fs=FS, leads=leads, seed=seed)
    block = patient.generate(sum(segment.duration_s for segment in segments))
    ones = (1.0,) * len(leads)
    recording = Recording("r", FS, leads, (200.0,) * len(leads), (0.0,) * len(leads), block.samples)
    rules, moment = DissociationRules(), AlarmRules(FS).moment
    waves, out = moment.watch.flutter, moment.out
    peaks = [mark.sample for mark in block.beats]
    for second, wide in enumerate(seconds_of(recording)[1], 1):
        n = round(second * FS)
        waves.on_second(wide, np.array(ones, np.bool_))
        while peaks and peaks[0] + LAG_S * FS <= n:
            moment.peaks.add(peaks.pop(0), "N")
        if second == restart_s:
            again = DissociationRules()
            codec.unpack(again, codec.pack(rules))
            rules = again
        moment.n = n
        rules.on_second(moment)
        out.expire(n)
    moment.n = recording.n_samples
    rules.forget(moment)
    return out.take()


def block(**more: Any) -> Segment:
    return Segment("av-block-3", more.pop("duration_s", 90), **{"hrv": 0.02, **more})


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"qrs_mv": 0.4},  # P waves of 0.06 mV
        {"muscle_mv": 0.04},
        {"wander_mv": 0.2},
        {"rate": 30, "atrial_rate": 100},
        {"escape": "junctional", "rate": 48, "atrial_rate": 75},
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_told_within_80_s(more, seed):
    (alarm,) = [e for e in told(block(**more), seed=seed) if isinstance(e, Alarm) and e.present]
    assert alarm.kind == "av_block_3"
    assert alarm.decided_n <= 80 * FS
    assert alarm.value == pytest.approx(more.get("atrial_rate", 84), rel=0.06)
    assert alarm.limit == pytest.approx(more.get("rate", 36), rel=0.06)


def test_it_ends_with_conduction():
    events = told(block(), Segment("sinus", 60))
    (episode,) = [event for event in events if isinstance(event, Episode)]
    assert episode.n < 30 * FS
    assert 85 * FS < episode.end_n < 105 * FS
    assert [e.present for e in events if isinstance(e, Alarm)] == [True, False]


@pytest.mark.parametrize(
    "segment",
    [
        Segment("sinus", 120, rate=45),
        Segment("sinus", 120, rate=50, muscle_mv=0.04, wander_mv=0.2),
        Segment("junctional", 120, rate=42),
        Segment("ivr", 120),
        Segment("av-block-1", 120, rate=50),
        Segment("av-block-2-ii", 120, rate=80, block_cycle=2),
        Segment("av-block-2-i", 120, rate=70, block_cycle=3),
        Segment("flutter", 120, atrial_rate=300, av_ratio=6),
        Segment("af", 120, rate=45, irregularity=0.02),
        Segment("paced", 120, rate=50),
        block(duration_s=120, rate=40, atrial_rate=80, hrv=0.0),  # not told from 2:1 block
        block(duration_s=120, rate=65, escape="junctional", atrial_rate=100),  # not slow
    ],
    ids=lambda segment: f"{segment.rhythm} {segment.mean_rate:g}",
)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_else_is(segment, seed):
    assert told(segment, seed=seed) == []


def test_it_goes_on_from_a_checkpoint():
    assert told(block(), restart_s=40) == told(block())


def test_less_than_39_s_tell_nothing():
    events = told(block(duration_s=36), Segment("sinus", 30))
    assert events == []


def test_intervals_that_differ_are_not_added_up():
    segments = [block(duration_s=30, atrial_rate=rate) for rate in (70, 100, 70, 100)]
    assert [a.n for a, _ in pairwise(told(*segments))] == []
