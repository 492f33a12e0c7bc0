from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import CheckpointError
from models.autoencoder import calibration
from models.autoencoder import inputs as seen
from models.autoencoder.inference import BeatScores, Fusion

FUSION = Fusion(1.0, 0.7, 0.7, 3.0, 0.5, threshold=0.0, width=0.5)


def scored_like(inputs: seen.Inputs) -> BeatScores:
    """Stand-in for the network: the template is the reconstruction."""
    errors = np.sqrt(((inputs.beats - inputs.templates) ** 2).mean(axis=1))
    surprise = inputs.rhythm[:, :2] * 10
    return BeatScores(errors, surprise, inputs.rhythm[:, 0], seen.expand(inputs.templates))


def run(states, rows, windows, rr):
    inputs = calibration.prepare(states, rows, windows, rr)
    return inputs, calibration.judge(states, rows, scored_like(inputs), FUSION)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=12), st.integers(0, 2**20))
def test_batching_does_not_matter(draw_beats, sizes, seed):
    count = sum(sizes)
    windows, rr = draw_beats(count, seed)
    rows = np.random.default_rng(seed).integers(0, 3, count)
    whole, cut = calibration.fresh(3), calibration.fresh(3)
    inputs, scores = run(whole, rows, windows, rr)
    edges = np.cumsum([0, *sizes])
    for begin, end in pairwise(edges):
        part = slice(begin, end)
        part_inputs, part_scores = run(cut, rows[part], windows[part], rr[part])
        np.testing.assert_array_equal(part_inputs.templates, inputs.templates[part])
        np.testing.assert_array_equal(part_inputs.rhythm, inputs.rhythm[part])
        np.testing.assert_array_equal(part_scores, scores[part])
    assert whole.tobytes() == cut.tobytes()


def test_device_does_not_depend_on_its_neighbours(draw_beats):
    windows, rr = draw_beats(40)
    alone, shared = calibration.fresh(1), calibration.fresh(2)
    mine = np.arange(40) % 2 == 0
    _, expected = run(alone, np.zeros(20, int), windows[mine], rr[mine])
    _, scores = run(shared, np.arange(40) % 2, windows, rr)
    np.testing.assert_array_equal(scores[mine], expected)
    assert shared[0].tobytes() == alone[0].tobytes()


def test_state_survives_a_checkpoint(draw_beats):
    windows, rr = draw_beats(30)
    states = calibration.fresh(1)
    rows = np.zeros(15, int)
    run(states, rows, windows[:15], rr[:15])
    back = calibration.from_bytes(calibration.to_bytes(states[0]))
    _, expected = run(states, rows, windows[15:], rr[15:])
    _, scores = run(back, rows, windows[15:], rr[15:])
    np.testing.assert_array_equal(scores, expected)
    assert back.tobytes() == states.tobytes()


def test_wrong_checkpoint_is_refused():
    good = calibration.to_bytes(calibration.fresh(1)[0])
    with pytest.raises(CheckpointError, match="another version"):
        calibration.from_bytes(good[:-1])
    broken = calibration.fresh(1)
    broken["template"][0, 3] = np.nan
    with pytest.raises(CheckpointError, match="begin afresh"):
        calibration.from_bytes(calibration.to_bytes(broken[0]))


def test_template_is_the_patients_and_resists_an_ectopic(draw_beats):
    windows, rr = draw_beats(40)
    windows[20] *= -3
    states = calibration.fresh(1)
    run(states, np.zeros(20, int), windows[:20], rr[:20])
    before = states["template"].copy()
    _, (score,) = run(states, np.zeros(1, int), windows[20:21], rr[20:21])
    moved = np.abs(states["template"] - before).max()
    assert np.abs(before[0] - seen.condense(windows[:20]).mean(axis=0)).max() < 0.05
    assert moved < 0.05  # a plain mean of 20 would have moved by over 0.2 mV at the R peak
    assert score > 0.9


def test_new_morphology_becomes_usual(draw_beats):
    windows, rr = draw_beats(600)
    windows[100:] *= -1
    _, scores = run(calibration.fresh(1), np.zeros(600, int), windows, rr)
    assert scores[100] > 0.9
    assert np.median(scores[-50:]) < scores[100] - 0.3


def test_early_beat_of_usual_shape_scores_higher(draw_beats):
    windows, rr = draw_beats(60)
    rr[50, 0] = 0.5
    _, scores = run(calibration.fresh(1), np.zeros(60, int), windows, rr)
    assert scores[50] > scores[40:50].max() + 0.1


def test_empty_batch():
    states = calibration.fresh(2)
    rows = np.empty(0, int)
    inputs, scores = run(states, rows, np.empty((0, seen.WINDOW)), np.empty((0, 4)))
    assert inputs.beats.shape == (0, seen.POINTS)
    assert scores.shape == (0,)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=seen.WINDOW, max_size=seen.WINDOW))
def test_any_signal_gives_a_score(values):
    windows = np.array([values, values[::-1], [0.0] * seen.WINDOW])
    rr = np.array([[np.nan] * 4, [0.2, np.nan, np.nan, 0.9], [3.0, 0.1, 0.8, 0.8]])
    states = calibration.fresh(1)
    _, scores = run(states, np.zeros(3, int), windows, rr)
    assert np.isfinite(scores).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    calibration.from_bytes(calibration.to_bytes(states[0]))
