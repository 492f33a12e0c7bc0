"""Scoring of episodes, on a made-up record and on MIT-BIH with reference beats."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.records import BeatMark, Recording, RhythmMark, read_record
from workbench.evaluate.rhythm import (
    RhythmReport,
    Tally,
    from_reference_beats,
    joined,
    reference_spans,
)
from workbench.evaluate.rhythm_table import render


@pytest.fixture
def bigeminy() -> Recording:
    """60 s at 100 Hz: normal, bigeminy from 20 to 40 s, normal."""
    beats, at = [], 0
    while at < 5900:
        at += 80
        beats.append(BeatMark(at, "V" if 2000 <= at < 4000 and (at // 80) % 2 else "N"))
    rhythms = (RhythmMark(0, "(N"), RhythmMark(2000, "(B"), RhythmMark(4000, "(N"))
    samples = np.zeros((1, 6000), np.int16)
    return Recording("r", 100.0, ("II",), (200.0,), (0.0,), samples, tuple(beats), rhythms)


def test_spans_and_joining(bigeminy):
    assert reference_spans(bigeminy, frozenset({"(B"})) == [(20.0, 40.0)]
    assert reference_spans(bigeminy, frozenset({"(N"})) == [(0.0, 20.0), (40.0, 60.0)]
    assert joined([(3, 4), (1, 2), (2, 2.5), (1.5, 1.7)]) == [(1, 2.5), (3, 4)]


def test_tally_counts_episodes_and_seconds():
    tally = Tally()
    tally.add([(0, 10), (20, 30)], [(5, 15), (40, 45)], 0.5)
    report = tally.report()
    assert (report["episode_se"], report["episode_ppv"]) == (0.5, 0.5)
    assert (report["duration_se"], report["duration_ppv"]) == (0.25, round(5 / 15, 4))
    assert report["false_per_hour"] is None, "no record without the event"
    tally.add([], [(1, 2), (3, 4)], 0.25)
    assert tally.report()["false_per_hour"] == 8.0
    assert Tally().report()["duration_se"] is None


def test_reference_beats_of_a_record(bigeminy):
    report = RhythmReport()
    report.add(bigeminy, *from_reference_beats(bigeminy))
    told = report.as_map()
    assert told["rhythms"]["bigeminy"]["episode_se"] == 1.0
    assert told["rhythms"]["bigeminy"]["duration_se"] > 0.9
    assert told["rhythms"]["bigeminy"]["duration_ppv"] > 0.9
    assert told["alarms"]["bigeminy"]["records"] == {"r": 1}
    assert len(render(told)) == 2


def test_mit_bih(mitdb):
    """Records of DS2; the figures of all are told by `ecg-monitor evaluate --rhythm`."""
    report = RhythmReport()
    for name in ("100", "200", "210", "219", "233"):
        recording = read_record(mitdb / name)
        report.add(recording, *from_reference_beats(recording))
    told = report.as_map()
    assert told["rhythms"]["af"]["duration_se"] > 0.94
    assert told["rhythms"]["af"]["duration_ppv"] > 0.94
    assert told["rhythms"]["bigeminy"]["duration_se"] > 0.94
    assert told["rhythms"]["vt"]["episode_ppv"] == 1.0
    assert told["rhythms"]["vt"]["episode_se"] > 0.75
    assert "vf" not in told["alarms"]
    assert all("100" not in row["records"] for row in told["alarms"].values())
