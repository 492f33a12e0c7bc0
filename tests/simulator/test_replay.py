import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import InvalidStretch, RhythmMark
from simulator.replay import Replay


def test_loop_goes_on_counting(ramp):
    source = Replay(ramp(100))
    blocks = [source.read(70) for _ in range(3)]
    assert [block.n0 for block in blocks] == [0, 70, 140]
    row = np.concatenate([block.samples[0] for block in blocks])
    assert row.tolist() == [i % 100 for i in range(210)]
    assert [beat.sample for block in blocks for beat in block.beats] == [50, 150]


def test_rhythm_is_announced_again_at_the_seam(ramp):
    rhythms = (RhythmMark(0, "(N"), RhythmMark(60, "(AFIB"))
    block = Replay(ramp(100, rhythms=rhythms), start_s=0.2).read(160)
    told = [(mark.sample, mark.aux) for mark in block.rhythms]
    assert told == [(0, "(N"), (40, "(AFIB"), (80, "(N"), (120, "(AFIB")]


def test_once_ends(ramp):
    source = Replay(ramp(100), loop=False, start_s=0.2, duration_s=0.5)
    assert source.read(30).samples[0].tolist() == list(range(20, 50))
    assert source.read(30).samples[0].tolist() == list(range(50, 70))
    assert source.read(30).samples.shape == (2, 0)


def test_a_pause_between_passes_is_a_gap(ramp):
    source = Replay(ramp(100), pause_s=1.2, first_s=0.5)
    blocks = [source.read(70) for _ in range(4)]
    assert [(b.n0, b.samples.shape[1]) for b in blocks] == [
        (0, 50),
        (170, 70),
        (240, 30),
        (390, 70),
    ]
    assert blocks[1].samples[0].tolist() == list(range(70))
    assert [beat.sample for block in blocks for beat in block.beats] == [0, 220, 440]


def test_copies_can_start_elsewhere(ramp):
    source = Replay(ramp(100), first_s=2.5)
    assert source.read(60).samples[0].tolist() == [*range(50, 100), *range(10)]


def test_invalid_samples_become_leadoff(ramp):
    source = Replay(ramp(100, invalid=(InvalidStretch(1, 90, 95), InvalidStretch(0, 98, 100))))
    source.read(93)
    spans = [(s.start, s.end, s.lead) for s in source.read(105).leadoff]
    assert spans == [(93, 95, "V1"), (98, 100, "II"), (190, 195, "V1")]


@pytest.mark.parametrize("part", [{"start_s": 10.0}, {"duration_s": 0.001}])
def test_empty_part_is_refused(ramp, part):
    with pytest.raises(RecordError, match="nothing to play"):
        Replay(ramp(100), **part)


@given(cuts=st.lists(st.integers(1, 130), min_size=1, max_size=8))
def test_reads_may_be_cut_anywhere(ramp, cuts):
    recording = ramp(150, invalid=(InvalidStretch(0, 3, 40),))
    whole = Replay(recording).read(sum(cuts))
    source = Replay(recording)
    parts = [source.read(n) for n in cuts]
    assert np.array_equal(np.concatenate([p.samples for p in parts], axis=1), whole.samples)
    assert [b for p in parts for b in p.beats] == list(whole.beats)
    assert [r for p in parts for r in p.rhythms] == list(whole.rhythms)
    off = {(i, s.lead) for p in parts for s in p.leadoff for i in range(s.start, s.end)}
    assert off == {(i, s.lead) for s in whole.leadoff for i in range(s.start, s.end)}
