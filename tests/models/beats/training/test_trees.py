from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("lightgbm", reason="LIGHTGBM IS NOT INSTALLED: training not tested")

from models.beats.columns import FEATURES, N_FEATURES
from models.beats.training.trees import DIRECTIONS, TIMING_FEATURES, TreeSettings, grow

SETTINGS = TreeSettings(rounds=30, step=10, least=20, ridge=1.0)
LOG_RR = FEATURES.index("log_rr")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (6000, N_FEATURES)).astype(np.float32)
    odds = -2.0 * features[:, LOG_RR] + features[:, FEATURES.index("late_residual")] - 2.0
    early = rng.random(6000) < 1 / (1 + np.exp(-odds))
    return features, early


def grow_from(data, seed):
    features, early = data
    return grow(features, early, np.ones(6000), SETTINGS, seed=seed)


@pytest.fixture(scope="module")
def trees(data):
    return grow_from(data, seed=1)


def test_trees_learn(data, trees):
    features, early = data
    odds = trees.log_odds(features)
    assert odds[early].mean() > odds[~early].mean() + 1.0


def test_stages_are_the_first_trees_alone(data, trees):
    features = data[0][:200]
    stages = list(trees.sums(features, SETTINGS.step))
    assert len(stages) == 3
    for number, stage in enumerate(stages):
        alone = trees.first((number + 1) * SETTINGS.step)
        assert np.allclose(alone.log_odds(features), stage)


def test_an_earlier_beat_is_never_less_likely_to_be_early(data, trees):
    features = np.repeat(data[0][:50], 40, axis=0)
    features[:, LOG_RR] = np.tile(np.linspace(-3, 3, 40), 50)
    odds = trees.log_odds(features).reshape(50, 40)
    assert (np.diff(odds, axis=1) <= 1e-6).all()
    assert (odds[:, 0] > odds[:, -1] + 1.0).all()


def test_same_seed_same_trees(data, trees):
    again = grow_from(data, seed=1)
    other = grow_from(data, seed=2)
    assert np.array_equal(again.threshold, trees.threshold)
    assert not np.array_equal(other.threshold, trees.threshold)


def test_only_chosen_columns_are_looked_at(trees):
    used = {FEATURES[column] for column in trees.feature if column >= 0}
    assert used <= set(TIMING_FEATURES)
    assert set(DIRECTIONS) <= set(TIMING_FEATURES)


def test_likeness_to_recent_beats_is_kept_from_timing():
    """Where ectopic beats prevail, they are what recent beats look like."""
    taboo = {"rank", "early_60", "early_8", "like_recent", "log_rr_median_8", "log_rr_median_60"}
    taboo |= {"p_corr", "qrs_corr", "own_share", "own_regular", "last_corr", "own_is_normal"}
    assert not taboo & set(TIMING_FEATURES)
