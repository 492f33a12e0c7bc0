"""The trainer's own parts: it sees what the engine sees, and knows right from wrong."""

import importlib.util
import runpy

import numpy as np
import pytest

from detector.engine.qrs import score
from detector.engine.resample import FS
from workbench.training.qrs import fit, pulses
from workbench.training.qrs.corpus import Source
from workbench.training.qrs.recorder import Candidates, record


def test_the_recorder_decides_as_the_engine_does(detect, make_ecg):
    beats = np.arange(0.4, 29.0, 0.8)
    mv = make_ecg(FS, beats, 30)
    found = detect(mv, FS)
    network = (score.W1, score.B1, score.W2)
    seen = record(np.round(mv * 1000)[None].astype(np.float32) / 1000, network, None)
    chosen = seen.at[seen.odds > 0] / FS
    assert len(chosen) == len(found.at)
    assert np.abs(chosen - found.at).max() < 0.05


def test_jitter_changes_decisions_but_not_what_is_said_of_the_first(make_ecg):
    mv = make_ecg(FS, np.arange(0.4, 29.0, 0.8), 30)[None].astype(np.float32)
    network = (score.W1, score.B1, score.W2)
    plain = record(mv, network, None)
    biased = record(mv, network, np.full(1000, -10.0))
    assert biased.odds[0] == plain.odds[0]
    assert not np.array_equal(biased.features[20], plain.features[20])


def test_of_two_candidates_near_a_beat_the_higher_is_the_beat():
    features = np.zeros((4, 1, 22))
    features[:, 0, 0] = [0.0, -1.0, 0.0, 0.5]
    seen = Candidates(np.array([100, 125, 300, 600]), features, np.zeros(4))
    source = Source("x", np.zeros((1, 1000), np.float32), np.array([105]), ((550, 1000),))
    is_beat, known = fit.truth(source, seen)
    assert is_beat.tolist() == [True, False, False, False]
    assert known.tolist() == [True, False, True, False]


def test_without_any_beat_all_candidates_are_wrong():
    seen = Candidates(np.array([100, 300]), np.zeros((2, 1, 22)), np.zeros(2))
    source = Source("x", np.zeros((1, 500), np.float32), np.zeros(0, np.int64))
    is_beat, known = fit.truth(source, seen)
    assert not is_beat.any()
    assert known.all()


def test_written_weights_read_back(tmp_path):
    path = tmp_path / "weights.py"
    network = (score.W1, score.B1, score.W2)
    fit.write(network, path)
    read = runpy.run_path(str(path))
    for name, weights in zip(("W1", "B1", "W2"), network, strict=True):
        np.testing.assert_allclose(np.array(read[name]), weights, rtol=1e-3)


@pytest.mark.skipif(
    not importlib.util.find_spec("torch"), reason="TORCH IS NOT INSTALLED: training not tested"
)
def test_a_network_learns_what_can_be_learnt():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100_000, 22)).astype(np.float32)
    is_beat = x[:, 0] - x[:, 3] > 0.3
    ones = np.ones(len(x))
    w1, b1, w2 = fit.fit(fit.TrainingRows(x, is_beat, ones, ones.astype(np.int64), ones), seed=0)
    odds = np.tanh(x @ w1.T + b1) @ w2[:-1] + w2[-1]
    assert ((odds > 0) == is_beat).mean() > 0.95


def test_made_up_hearts_hold_their_beats():
    rng = np.random.default_rng(2)
    noises = {kind: rng.normal(0, 1, (2, 20_000)).astype(np.float32) for kind in ("em", "ma", "bw")}
    for i in range(20):
        source = pulses.heart(f"heart-{i}", noises, rng)
        assert source.signals.shape == (1, int(pulses.SECONDS * FS))
        assert (np.diff(source.beats) >= int(0.19 * FS)).all()
        assert np.isfinite(source.signals).all()
