"""Areas, thresholds, temperatures and intervals, against values that can be worked out."""

import numpy as np
import pytest

from models.diagnosis.training.metrics import (
    auc,
    aucs,
    best_threshold,
    f1,
    macro_auc,
    paired,
    temperature,
)


def test_an_area_is_the_share_of_pairs_in_order():
    assert auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])) == 0.75
    assert auc(np.array([1.0, 1.0]), np.array([0, 1])) == 0.5
    assert np.isnan(auc(np.array([1.0, 2.0]), np.array([1, 1])))


def test_what_is_not_known_does_not_count():
    scores = np.array([[0.1], [0.9], [0.5], [0.95]])
    holds, known = np.array([[0], [1], [0], [0]]), np.array([[1], [1], [1], [0]])
    assert aucs(scores, holds, known)[0] == 1


def test_a_threshold_has_the_largest_f1():
    scores, holds = np.array([0.9, 0.8, 0.7, 0.6, 0.1]), np.array([1, 1, 0, 1, 0])
    limit = best_threshold(scores, holds)
    assert limit == pytest.approx(0.35)
    assert f1(scores >= limit, holds > 0) == pytest.approx(6 / 7)
    assert best_threshold(scores, np.zeros(5)) == 0.5


def test_a_temperature_is_found_again():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (4000, 3))
    holds = (rng.random((4000, 3)) < 1 / (1 + np.exp(-logits))).astype(float)
    assert temperature(3 * logits, holds, np.ones_like(holds)) == pytest.approx(3, rel=0.1)


def test_intervals_hold_the_value_and_a_better_model_is_ahead():
    rng = np.random.default_rng(2)
    holds = (rng.random((150, 2)) < 0.4).astype(float)
    good = holds + rng.normal(0, 0.6, holds.shape)
    poor = holds + rng.normal(0, 3.0, holds.shape)
    known = np.ones_like(holds)
    found = macro_auc(good, holds, known, times=200)
    assert found.low < found.value < found.high
    ahead = paired(good, poor, holds, known, times=200)
    assert 0 < ahead.low < ahead.value < ahead.high
    same = paired(good, good, holds, known, times=50)
    assert (same.value, same.low, same.high) == (0, 0, 0)
