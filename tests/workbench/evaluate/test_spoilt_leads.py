"""The bench of spoilt leads: what it does to a lead, and the detector on a real stretch of it."""

from dataclasses import replace

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording
from ecg_monitor.records.recording import BeatMark
from tests.support.recordings import write_beginning
from workbench.evaluate import joined
from workbench.evaluate.spoilt_leads import (
    FAULTS,
    RANGE_MV,
    Surroundings,
    in_bursts,
    motion,
    off,
    rails,
    small,
)

FS = 360.0
N = round(60 * FS)
AT = np.arange(100, N - 100, 300)
AROUND = Surroundings(FS, AT, np.random.default_rng(0).normal(3.0, 2.0, N))
BY_NAME = {fault.name: fault for fault in FAULTS}


def _ecg() -> np.ndarray:
    mv = np.zeros(N)
    mv[AT] = 2.0
    return mv


def _recording(n_leads: int) -> Recording:
    samples = np.tile(np.rint(_ecg() * 200), (n_leads, 1)).astype(np.int16)
    marks = tuple(BeatMark(int(at), "N") for at in AT)
    names = tuple(f"L{i}" for i in range(n_leads))
    return Recording("r", FS, names, (200.0,) * n_leads, (0.0,) * n_leads, samples, marks)


def test_motion_has_the_ratio_asked_for():
    noise = motion(-6)(_ecg(), AROUND) - _ecg()
    power = 2.0**2 / 8
    assert 10 * np.log10(power / noise.var()) == pytest.approx(-6, abs=0.01)
    assert noise.mean() == pytest.approx(0, abs=1e-9)


def test_bursts_leave_the_rest_alone():
    spoilt = in_bursts(small)(_ecg(), AROUND)
    seconds = np.arange(N) / FS % 30
    assert np.array_equal(spoilt[seconds >= 10], _ecg()[seconds >= 10])
    assert spoilt[seconds < 10].max() == pytest.approx(0.2)


def test_rails_jump_within_the_range_and_always_the_same_way():
    spoilt = rails(_ecg(), AROUND)
    assert np.abs(spoilt).max() <= RANGE_MV
    assert 40 < (np.abs(np.diff(rails(0 * _ecg(), AROUND))) > 1).sum() < 100
    assert np.array_equal(spoilt, rails(_ecg(), AROUND))


def test_off_shows_the_mains_alone():
    assert np.abs(off(_ecg(), AROUND)).max() == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize(("n_leads", "rows"), [(2, {1}), (12, {1, 6, 9})])
def test_the_other_leads_stay_as_they_are(n_leads, rows):
    recording = _recording(n_leads)
    spoilt = BY_NAME["rails, motion, off in turn"].apply(recording, AROUND.noise)
    changed = np.flatnonzero((spoilt.samples != recording.samples).any(axis=1))
    assert set(changed.tolist()) == rows


def test_swapped_leads_keep_their_names_and_scales():
    recording = replace(_recording(2), gain=(200.0, 100.0))
    swapped = BY_NAME["leads swapped"].apply(recording, AROUND.noise)
    assert (swapped.leads, swapped.gain) == (("L1", "L0"), (100.0, 200.0))


def test_what_cannot_be_spoilt_is_told():
    with pytest.raises(RecordError, match="it has one"):
        BY_NAME["none"].apply(_recording(1), AROUND.noise)
    with pytest.raises(RecordError, match="by its beats"):
        BY_NAME["none"].apply(replace(_recording(2), beats=()), AROUND.noise)


@pytest.fixture
def three_minutes(mitdb, tmp_path):
    """The beginning of a record of DS1; jumps of its second lead once hid half of the beats."""
    write_beginning(mitdb, "124", 180, tmp_path)
    return tmp_path


def test_joined_leads_are_as_good_as_the_best(mitdb, three_minutes):
    names = ("none", "from rail to rail", "motion at 0 dB", "motion at -6 dB, 10 s of 30")
    told: list[str] = []
    scores = joined.measure(
        three_minutes,
        ["124"],
        [BY_NAME[name] for name in names],
        mitdb.parent / "nstdb",
        progress=told.append,
    )
    assert told == [f"124 {name}" for name in names]
    assert set(scores["none"]) == {joined.JOINED, "0", "1"}
    assert scores["from rail to rail"]["1"]["f1"] < 0.9  # the fault is one
    for name in names:
        assert scores[name][joined.JOINED]["tp"] >= scores[name]["0"]["tp"] - 1, name
        assert scores[name][joined.JOINED]["fp"] <= scores[name]["0"]["fp"] + 2, name
    assert joined.render(scores, 1).row_count == len(names)
