from __future__ import annotations

import numpy as np
import pytest

from models.zoo.scores import accuracy, binary_accuracy, by_class, score_classes

MATRIX = np.array([[8.0, 1.0, 1.0], [2.0, 3.0, 0.0], [0.0, 0.0, 5.0]])


def test_precision_recall_and_f1_are_those_of_the_definitions() -> None:
    precision, recall, f1 = by_class(MATRIX)
    assert precision == pytest.approx([8 / 10, 3 / 4, 5 / 6])
    assert recall == pytest.approx([8 / 10, 3 / 5, 1.0])
    assert f1 == pytest.approx([0.8, 2 * 0.75 * 0.6 / 1.35, 10 / 11])


def test_accuracies() -> None:
    assert accuracy(MATRIX) == pytest.approx(16 / 20)
    assert binary_accuracy(MATRIX) == pytest.approx(16 / 20)


def test_a_class_without_examples_scores_zero_and_not_nan() -> None:
    precision, recall, f1 = by_class(np.array([[3.0, 0.0], [0.0, 0.0]]))
    assert [precision[1], recall[1], f1[1]] == [0.0, 0.0, 0.0]


def test_figures_are_of_the_confusion_matrix() -> None:
    targets = np.array([0] * 10 + [1] * 5 + [2] * 5)
    found = np.array([0] * 8 + [1, 2] + [0, 0, 1, 1, 1] + [2] * 5)
    groups = np.array([str(n % 4) for n in range(20)])
    figures = score_classes(targets, found, groups, ("N", "S", "V")).as_map()
    assert figures["confusion"] == MATRIX.astype(int).tolist()
    assert figures["accuracy"] == 0.8
    assert figures["classes"]["V"] == {
        "precision": 0.83333,
        "recall": 1.0,
        "f1": 0.90909,
        "support": 5,
    }
    assert figures["weighted_recall"] == 0.8
    assert figures["patients"] == 4
    low, high = figures["intervals"]["accuracy"]
    assert low <= 0.8 <= high


def test_intervals_are_of_patients_and_not_of_beats() -> None:
    # Two patients: one all right, one all wrong. Drawing patients gives 0, 0.5 and 1.
    targets = np.zeros(2000, np.int64)
    found = np.repeat([0, 1], 1000)
    groups = np.repeat(["a", "b"], 1000)
    scores = score_classes(targets, found, groups, ("N", "V"))
    assert scores.intervals["accuracy"] == (0.0, 1.0)


def test_one_patient_has_no_interval() -> None:
    zeros = np.zeros(5, np.int64)
    assert score_classes(zeros, zeros, np.full(5, "a"), ("N", "V")).intervals == {}
