"""Collections are joined only if they speak of the same labels."""

import dataclasses

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from models.diagnosis.data.collection import Collection, join
from models.diagnosis.labels import NAMES


@pytest.fixture
def one() -> Collection:
    marks = np.zeros((3, len(NAMES)), np.float32)
    return Collection(
        np.array(["a", "b", "c"]),
        np.zeros((3, 12, 8), np.float32),
        np.ones((3, 12), np.float32),
        np.zeros((3, 5), np.float32),
        marks,
        marks,
        np.array(["train", "test", "train"]),
    )


def test_joining_and_choosing(one):
    both = join([one, one])
    assert len(both) == 6
    assert both.of("train").record.tolist() == ["a", "c", "a", "c"]
    assert one.fingerprint() == one.where(np.array([2, 0, 1])).fingerprint()
    changed = dataclasses.replace(one, part=np.array(["train", "test", "test"]))
    assert changed.fingerprint() != one.fingerprint()


def test_nothing_and_strangers_are_not_joined(one):
    with pytest.raises(RecordError, match="no data set was given"):
        join([])
    with pytest.raises(RecordError, match="different labels"):
        join([one, dataclasses.replace(one, names=("A",))])
