"""A lead that jumps from rail to rail beside one that shows the beats: records of DS1, made so."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from detector.analyzer.offline import analyze
from ecg_monitor.records import Recording, read_record
from workbench.alarm_review.review import AlarmReview

MINUTES = 6
RAIL_MV = 4.9


def with_rail(recording: Recording, lead: int) -> Recording:
    """The first minutes, with a lead that stays at a level, or an end of its range, for a while."""
    n = round(60 * MINUTES * recording.fs)
    rng = np.random.default_rng(5)
    samples, gain = recording.samples[:, :n].copy(), recording.gain[lead]
    middle, at = recording.baseline[lead], 0
    while at < n:
        until = at + round((0.05 + rng.exponential(0.6)) * recording.fs)
        level = rng.choice([-RAIL_MV, RAIL_MV, rng.uniform(-4, 4)])
        moved = samples[lead, at:until] + level * gain
        samples[lead, at:until] = np.clip(moved, middle - 5 * gain, middle + 5 * gain)
        at = until
    return dataclasses.replace(
        recording,
        samples=samples,
        beats=tuple(beat for beat in recording.beats if beat.sample < n),
        rhythms=tuple(mark for mark in recording.rhythms if mark.sample < n),
        invalid=(),
    )


@pytest.mark.parametrize("name", ["106", "119", "124"])
def test_no_beat_that_it_hides_makes_an_alarm(mitdb: Path, name: str):
    recording = with_rail(read_record(mitdb / name), 1)
    analysis = analyze(recording)
    review = AlarmReview()
    review.take(recording, analysis)
    fields = [entry.fields for entry in review.entries]
    assert [f["kind"] for f in fields if f["outcome"] == "false"] == []
    kinds = {alarm["kind"] for alarm in analysis["alarms"]}
    assert "leads_disagree" not in kinds  # the QRS detector leaves the lead out by itself
    assert kinds & {"lead_unsteady", "lead_saturated"}
