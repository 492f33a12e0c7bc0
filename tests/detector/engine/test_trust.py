"""Leads joined: what one of them does must not hide or make up beats of another."""

from itertools import pairwise

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.engine import trust
from detector.engine.engine import Batch, Engine
from detector.engine.reassembly import Chunk
from detector.engine.state import LANE
from simulator.synthetic.patient import SyntheticPatient

FS = 250.0
SECONDS = 40.0
TRUE = np.arange(0.6, SECONDS - 0.6, 0.8)


@pytest.fixture
def lane():
    lanes = np.zeros(1, LANE)
    lanes["signal_level"] = lanes["loudest"] = 0.1
    lanes["jumped"] = -trust.JUMP
    trust.begin(lanes[0])
    return lanes[0]


def _rails(n: int, seed: int = 0) -> np.ndarray:
    """A lead that jumps by several mV, one and a half times a second."""
    rng = np.random.default_rng(seed)
    levels = rng.choice([-4.9, 4.9, -2.0, 3.0], size=1 + n // 40)
    return np.repeat(levels, rng.integers(40, 260, size=len(levels)))[:n]


def test_trust_falls_with_doubt_and_comes_back(lane):
    full = trust.share(lane, 0)
    trust.begin(lane)  # only once
    assert trust.share(lane, 0) == full
    for _ in range(8):
        trust.follow(lane, 0.3)
    doubtful = trust.share(lane, 0)
    assert 0.0 < doubtful < full / 4
    trust.begin(lane)  # levels learnt anew say nothing about trust
    assert trust.share(lane, 0) == doubtful
    for _ in range(40):
        trust.follow(lane, 1.0)
    assert trust.share(lane, 0) == pytest.approx(full, rel=0.05)


def test_what_towers_or_jumps_takes_the_share_for_a_while(lane):
    full = trust.share(lane, 0)
    lane["jumped"] = 0
    assert trust.share(lane, trust.JUMP - 1) == pytest.approx(trust.JUMPED * full)
    assert trust.share(lane, trust.JUMP) == full
    lane["loudest"] = 40 * lane["signal_level"]
    assert trust.share(lane, trust.JUMP) < full / 1000


@pytest.mark.parametrize("bad", [0, 1])
def test_jumps_of_a_lead_neither_hide_nor_make_up_beats(detect, make_ecg, bad):
    good = make_ecg(FS, TRUE, SECONDS)
    leads = [good, good]
    leads[bad] = _rails(len(good))
    found = detect(np.array(leads), FS)
    assert len(found.misses(TRUE)) == 0
    assert len(found.inventions(TRUE)) == 0


def test_a_jump_beside_a_qrs_complex_does_not_bend_it(detect, make_ecg):
    good = make_ecg(FS, TRUE, SECONDS)
    jumps = np.zeros(len(good))
    for i, at in enumerate(TRUE):
        jumps[round(at * FS) - 4 :] = 4.0 * (i % 2)  # what is held for 20 ms would take R along
    alone, joined = detect(good, FS), detect(np.array([good, jumps]), FS)
    later = alone.at > 3  # until then the levels of the second are not known
    assert np.array_equal(joined.at[-later.sum() :], alone.at[later])


def test_an_electrode_that_comes_off_does_not_deny_the_beats_of_another(detect, mitdb):
    """Record 208 at 23:04: its first lead, always the better one, drifts for four seconds."""
    start, stop = 1300, 1395
    record = wfdb.rdrecord(str(mitdb / "208"), sampfrom=start * 360, sampto=stop * 360)
    found = detect(record.p_signal.T, 360.0)
    assert not len(found.misses(np.array([1385.73, 1387.49]) - start))


def test_one_lead_says_where_r_peaks_lie(detect):
    """In V2 the R peaks of a left bundle branch block come 40 ms later than in II."""
    patient = SyntheticPatient("lbbb", fs=500.0, leads=("II", "V2"), seed=1, gain=1000.0)
    mv = patient.generate(30.0).samples / 1000.0
    later = detect(mv, 500.0).at[2:] - detect(mv[0], 500.0).at[2:]
    assert np.ptp(later) < 0.02


def test_pulses_that_both_leads_show_are_hidden_on_both(detect):
    pulses = np.zeros(round(SECONDS * FS))
    pulses[round(FS) :: 200] = 1.0
    noise = np.random.default_rng(1).normal(0, 0.005, (2, len(pulses)))
    found = detect(np.array([[8.0], [0.6]]) * pulses + noise, FS)
    assert len(found.at) == 0  # the heart stands still: neither 8 nor 0.6 mV is a beat


def _rows(samples: np.ndarray, cuts: list[int], reload_at: int) -> np.ndarray:
    engine = Engine()
    slot = engine.add(FS, (200.0, 200.0), (0.0, 0.0))
    out = []
    edges = [0, *cuts, samples.shape[1]]
    for i, (a, b) in enumerate(pairwise(edges)):
        if i == reload_at:
            saved = engine.save(slot)
            engine = Engine()
            slot = engine.add(FS, (200.0, 200.0), (0.0, 0.0))
            engine.load(slot, saved)
        batch = Batch()
        engine.put(batch, slot, Chunk(a, np.ascontiguousarray(samples[:, a:b]), after_gap=a == 0))
        out.append(engine.advance(batch).rows.copy())
    return np.concatenate(out)


@settings(max_examples=15, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 4999), max_size=8, unique=True).map(sorted),
    reload_at=st.integers(1, 8),
)
def test_neither_cuts_nor_a_restart_change_what_is_joined(make_ecg, cuts, reload_at):
    good = make_ecg(FS, TRUE, SECONDS)[:5000]
    mv = np.array([good, _rails(5000, 3) + good])
    samples = np.rint(mv * 200).astype(np.int16)
    once, again = _rows(samples, [], -1), _rows(samples, cuts, reload_at)
    for field in once.dtype.names:
        assert np.array_equal(once[field], again[field], equal_nan=once[field].dtype.kind == "f")
