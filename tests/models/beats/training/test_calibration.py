from __future__ import annotations

import numpy as np

from models.beats.training.calibration import NONE, calibrate, decision_factors
from models.beats.training.scores import (
    accuracy,
    class_scores,
    confusion,
    j_kappa,
    kappa,
    summary,
    weighted_confusion,
)


def drawn(rng, count, sharpness=1.0):
    """Log probabilities and labels that are drawn from them."""
    logs = rng.normal(0, 1.5, (count, 4))
    logs -= np.log(np.exp(logs).sum(1, keepdims=True))
    chances = np.exp(logs).cumsum(1)
    labels = (rng.random((count, 1)) > chances).sum(1).clip(0, 3)
    return sharpness * logs, labels


def test_calibration_undoes_overconfidence():
    logs, labels = drawn(np.random.default_rng(1), 20_000, sharpness=3.0)
    fitted = calibrate(logs, labels)
    assert abs(fitted.sharpness - 1 / 3) < 0.02
    assert np.abs(fitted.offsets).max() < 0.1
    assert np.allclose(np.exp(fitted.apply(logs)).sum(1), 1.0)


def test_honest_probabilities_are_left_alone():
    logs, labels = drawn(np.random.default_rng(2), 20_000)
    assert abs(calibrate(logs, labels).sharpness - 1.0) < 0.05
    assert np.allclose(NONE.apply(logs), logs)


def test_factors_raise_j_kappa_too():
    rng = np.random.default_rng(3)
    labels = rng.choice(4, 5000, p=[0.9, 0.04, 0.05, 0.01])
    logs = rng.normal(0, 1, (5000, 4))
    logs[np.arange(5000), labels] += 2.0
    logs[:, 0] += 3.0  # leans to N too much
    factors = decision_factors(logs, labels, np.ones(5000), labels >= 0)
    before = j_kappa(confusion(labels, logs.argmax(1)))
    after = j_kappa(confusion(labels, (logs + np.log(factors)).argmax(1)))
    assert factors[1] > 1.0
    assert factors[2] > 1.0
    assert after > before + 0.05


def test_scores_by_hand():
    counts = np.zeros((5, 5), np.int64)
    counts[0, 0], counts[0, 1], counts[1, 1], counts[1, 0], counts[2, 2] = 80, 4, 6, 2, 8
    assert accuracy(counts) == 0.94
    se, ppv, f1 = class_scores(counts, 1)
    assert (se, ppv) == (0.75, 0.6)
    assert np.isclose(f1, 2 / 3)
    chance = (84 * 82 + 8 * 10 + 8 * 8) / 10_000
    assert np.isclose(kappa(counts), (0.94 - chance) / (1 - chance))
    assert np.isclose(j_kappa(counts), 0.5 * kappa(counts) + 0.125 * (0.75 + 0.6 + 1 + 1))
    assert summary(counts)["S"] == {"se": 0.75, "ppv": 0.6, "f1": 0.6667}
    assert class_scores(counts, 3) == (0.0, 0.0, 0.0)


def test_beats_without_label_are_not_counted():
    counts = confusion(np.array([-1, 0, 4]), np.array([2, 0, 4]))
    assert counts.sum() == 2
    assert counts[0, 0] == counts[4, 4] == 1


def test_weights_decide_what_pays():
    """Rare S beats that weigh much draw the line towards them."""
    rng = np.random.default_rng(4)
    labels = rng.choice(4, 4000, p=[0.9, 0.04, 0.05, 0.01])
    logs = rng.normal(0, 1, (4000, 4))
    logs[np.arange(4000), labels] += 1.5
    everything = labels >= 0
    plain = decision_factors(logs, labels, np.ones(4000), everything)
    heavy = decision_factors(logs, labels, np.where(labels == 1, 20.0, 1.0), everything)
    assert heavy[1] > plain[1]


def test_weighted_confusion_with_equal_weights_counts():
    rng = np.random.default_rng(5)
    true, found = rng.integers(0, 5, 300), rng.integers(0, 5, 300)
    weighted = weighted_confusion(true, found, np.full(300, 2.0))
    assert np.array_equal(weighted, 2 * confusion(true, found))


def test_both_parts_have_a_say():
    """What is best for one part alone is not taken if it ruins the other."""
    rng = np.random.default_rng(6)
    labels = rng.choice(3, 6000, p=[0.8, 0.1, 0.1])
    logs = rng.normal(0, 1, (6000, 4))
    logs[np.arange(6000), labels] += 2.0
    logs[:, 3] -= 9.0
    part = np.arange(6000) < 3000
    logs[part, 1] -= 1.0  # here S comes out too low
    alone, other, both = (
        decision_factors(logs[chosen], labels[chosen], np.ones(chosen.sum()), part[chosen])
        for chosen in (part, ~part, part | ~part)
    )
    assert alone[1] > both[1] > other[1]
