from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from models.autoencoder.training import ecg5000
from tests.support.places import shared


def write(folder: Path, rows: np.ndarray) -> None:
    np.savetxt(folder / "ECG5000_TRAIN.txt", rows)


def test_first_class_is_normal(tmp_path):
    rows = np.zeros((5, 141))
    rows[:, 0] = [1, 2, 3, 4, 5]
    write(tmp_path, rows)
    part = ecg5000.read(tmp_path, "TRAIN")
    assert part.abnormal.tolist() == [False, True, True, True, True]
    assert part.beats.shape == (5, 140)


@pytest.mark.parametrize(
    "rows", [np.ones((2, 140)), np.zeros((2, 141)), np.empty((0, 141))], ids=["width", "class", "0"]
)
def test_other_tables_are_refused(tmp_path, rows):
    write(tmp_path, rows)
    with pytest.raises(RecordError, match="ECG5000_TRAIN"):
        ecg5000.read(tmp_path, "TRAIN")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(RecordError, match="ECG5000_TEST"):
        ecg5000.read(tmp_path, "TEST")


def test_the_archive_has_the_published_counts():
    data = shared("data/ecg5000")
    train, test = ecg5000.read(data, "TRAIN"), ecg5000.read(data, "TEST")
    assert (len(train.beats), int(train.abnormal.sum())) == (500, 208)
    assert (len(test.beats), int(test.abnormal.sum())) == (4500, 1873)
