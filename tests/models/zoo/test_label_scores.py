from __future__ import annotations

import numpy as np
import pytest

from models.zoo.label_scores import roc_areas, score_labels


def test_areas_are_the_share_of_pairs_in_the_right_order() -> None:
    holds = np.array([[1, 0], [1, 0], [0, 0], [0, 0]], bool)
    answers = np.array([[0.9, 0.1], [0.4, 0.2], [0.4, 0.3], [0.1, 0.4]], np.float32)
    areas = roc_areas(holds, answers)
    assert areas[0] == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert np.isnan(areas[1]), "nobody has this label"


def test_figures_of_each_label_and_over_all() -> None:
    targets = np.array([[1, 0], [1, 1], [0, 1], [0, 0]] * 5, np.float32)
    answers = np.where(targets > 0, 0.8, 0.3).astype(np.float32)
    answers[0] = (0.4, 0.9)  # one label missed, one told falsely
    groups = np.array([str(n // 2) for n in range(20)])
    figures = score_labels(targets, answers, groups, ("AF", "MI"))
    assert figures["labels"]["AF"] == {
        "auc": 1.0, "precision": 1.0, "recall": 0.9, "f1": 0.94737, "threshold": 0.5, "support": 10,
    }  # fmt: skip
    assert figures["labels"]["MI"]["precision"] == pytest.approx(10 / 11, abs=1e-5)
    low, high = figures["intervals"]["macro_auc"]
    assert low <= figures["macro_auc"] <= high
    for name in ("auc", "precision", "recall", "f1"):
        low, high = figures["intervals"][f"{name} MI"]
        assert low <= figures["labels"]["MI"][name] <= high
    assert figures["patients"] == 10


def test_a_draw_without_a_label_says_nothing_of_it_and_one_without_any_is_no_fault() -> None:
    targets = np.array([[1, 0], [0, 0], [0, 0]], np.float32)
    answers = np.array([[0.9, 0.1], [0.4, 0.2], [0.3, 0.6]], np.float32)
    figures = score_labels(targets, answers, np.array(["a", "b", "c"]), ("AF", "MI"), (0.35, 0.5))
    assert figures["labels"]["AF"]["threshold"] == 0.35
    assert figures["labels"]["AF"]["precision"] == 0.5
    for name in ("auc", "precision", "recall", "f1"):
        assert figures["labels"]["MI"][name] is None
        assert f"{name} MI" not in figures["intervals"]
    assert figures["macro_f1"] == figures["labels"]["AF"]["f1"], "a mean of what can be judged"
    assert figures["macro_auc"] == 1.0
    assert figures["intervals"]["recall AF"] == [1.0, 1.0]
