from __future__ import annotations

import numpy as np
import pytest

from models.autoencoder.training.metrics import average_precision, roc_auc


def test_perfect_and_reversed_order():
    scores, positive = np.arange(6.0), np.arange(6) > 3
    assert roc_auc(scores, positive) == 1
    assert roc_auc(-scores, positive) == 0
    assert average_precision(scores, positive) == 1


def test_against_counting_by_hand():
    scores = np.array([0.1, 0.4, 0.4, 0.8])
    positive = np.array([False, True, False, True])
    assert roc_auc(scores, positive) == pytest.approx(3.5 / 4)
    assert average_precision(scores, positive) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_equal_scores_tell_nothing():
    positive = np.array([True, False, False, True, False])
    assert roc_auc(np.ones(5), positive) == 0.5
    assert average_precision(np.ones(5), positive) == pytest.approx(0.4)


def test_one_class_alone_is_refused():
    with pytest.raises(ValueError, match="both"):
        roc_auc(np.ones(2), np.ones(2, bool))
    with pytest.raises(ValueError, match="True"):
        average_precision(np.ones(2), np.zeros(2, bool))
