from __future__ import annotations

import numpy as np
import pytest

from models.zoo.data.examples import (
    Examples,
    ExamplesError,
    SplitData,
    check,
    check_classes,
    drop_rare,
)


def examples(targets) -> Examples:
    targets = np.array(targets)
    inputs = np.arange(len(targets) * 4, dtype=np.float32).reshape(len(targets), 1, 4)
    return Examples(inputs, targets, np.full(len(targets), "a"))


def test_a_row_without_numbers_is_named() -> None:
    some = examples([0, 1, 0])
    some.inputs[1, 0, 2] = np.inf
    with pytest.raises(ExamplesError, match=r"1 examples .* the first is example 2"):
        check(some, 1, 4, "the test part")


def test_another_shape_is_named() -> None:
    with pytest.raises(ExamplesError, match="1 leads of 4 samples, the network sees 12 of 5000"):
        check(examples([0]), 12, 5000, "the test part")
    with pytest.raises(ExamplesError, match="not one example"):
        check(examples([0])[np.array([], np.int64)], 1, 4, "the test part")


def test_an_empty_class_is_named() -> None:
    with pytest.raises(ExamplesError, match="no example of S, F;"):
        check_classes(examples([0, 2]), ("N", "S", "V", "F"), "the training part")


def test_rare_classes_are_dropped_and_named() -> None:
    part = examples([0, 0, 1, 2, 2])
    data = drop_rare(SplitData("mixed", ("N", "S", "V"), part, part, part, ""), 2)
    assert data.labels == ("N", "V")
    assert data.train.targets.tolist() == [0, 0, 1, 1]
    assert data.train.inputs[2, 0, 0] == 12.0
    assert data.notes == ("dropped, with fewer than 2 training examples: S (1)",)


def test_of_several_labels_only_the_rare_one_goes() -> None:
    part = examples(np.array([[1, 0, 1], [1, 1, 0]], np.float32))
    data = drop_rare(SplitData("mixed", ("a", "b", "c"), part, part, part, ""), 2)
    assert data.labels == ("a",)
    assert data.train.targets.tolist() == [[1.0], [1.0]]
