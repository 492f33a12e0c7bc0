from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError, SettingsError
from models.zoo import registry
from models.zoo.data import ecg5000
from models.zoo.data.examples import DataOptions

NETWORK = registry.network("hybrid-autoencoder")


def write(folder, name, classes) -> None:
    random = np.random.default_rng(0)
    rows = [np.concatenate([[one], random.normal(size=140)]) for one in classes]
    np.savetxt(folder / f"ECG5000_{name}.txt", np.array(rows))


def test_only_normal_training_beats_are_learned_from(tmp_path) -> None:
    write(tmp_path, "TRAIN", [1] * 16 + [2, 3, 4, 5])
    write(tmp_path, "TEST", [1, 2, 1, 5])
    data = ecg5000.load(tmp_path, NETWORK, DataOptions())
    assert (len(data.train), len(data.validation), len(data.test)) == (14, 2, 4)
    assert data.name == "standard"
    assert not data.train.targets.any()
    assert data.test.targets[:, 0].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert data.train.inputs.shape[1:] == (1, 140)


def test_what_is_missing_or_asked_wrongly_is_named(tmp_path) -> None:
    with pytest.raises(RecordError, match="no such folder"):
        ecg5000.load(tmp_path / "none", NETWORK, DataOptions())
    with pytest.raises(RecordError, match=r"ECG5000_TRAIN.txt"):
        ecg5000.load(tmp_path, NETWORK, DataOptions())
    with pytest.raises(SettingsError, match="patients cannot be made of ECG5000"):
        ecg5000.load(tmp_path, NETWORK, DataOptions(split="patients"))
