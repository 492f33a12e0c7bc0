"""Data sets are found in a folder, and brought into the form of the zoo's trainer."""

import csv
import gzip

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError, SettingsError
from models.diagnosis.data import examples, sources
from models.diagnosis.labels import NAMES
from models.diagnosis.leads import INDEPENDENT, STANDARD
from models.zoo import registry
from models.zoo.data.examples import DataOptions
from tests.support.twelve_leads import millivolts, write_wfdb


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve recordings of PTB-XL, two of them in both compact forms, and ten of CPSC2018."""
    root = tmp_path_factory.mktemp("data")
    (root / "volts").mkdir()
    (root / "cpsc2018").mkdir()
    with gzip.open(root / "volts" / sources.LABELS, "wt", newline="") as file:
        out = csv.writer(file)
        out.writerow(["ecg_id", "age", "sex", "strat_fold", *NAMES[:5], "scp_codes"])
        for i in range(1, 13):
            marks = [int(i % 5 == k) for k in range(5)]
            out.writerow([i, 50 + i, i % 2, 1 + i % 10, *marks, "SR"])
    signal = millivolts(10, 100)
    eight = np.rint(signal[[STANDARD.index(name) for name in INDEPENDENT]] * 1000).astype("<i2")
    steps = np.diff(eight, axis=-1, prepend=np.int16(0)).view("<u2")
    low, high = (steps & 0xFF).astype(np.uint8), (steps >> 8).astype(np.uint8)
    ids = np.arange(1, 11)
    np.savez(
        root / "volts" / "ptbxl_100hz_0001.npz",
        ecg_id=ids,
        lo=np.stack([low] * 10),
        hi=np.stack([high] * 10),
    )
    scaled = (signal - signal.mean(axis=1, keepdims=True)) / signal.std(axis=1, keepdims=True)
    counts = np.rint(scaled * 500).astype(np.int16)
    np.savez(root / "ptbxl_100hz_z.npz", ecg_id=np.array([1, 9, 11, 12]), x=np.stack([counts] * 4))
    for i in range(10):
        word = ["AF", "Normal", "RBBB", "PVC"][i % 4]
        write_wfdb(root / "cpsc2018", f"A{i:04d}", millivolts(9), comments=[f"Dx: {word}"])
    return root


def test_all_that_lies_there_is_read_once(folder):
    data, statements = sources.read_all(folder)
    assert len(data) == len(statements) == 23
    names = data.record.tolist()
    assert "ptbxl/00001z" in names  # train has both forms
    assert "ptbxl/00009" in names
    assert "ptbxl/00009z" not in names  # the test has one
    assert sum(name.startswith("cpsc2018/") for name in names) == 10
    assert np.isnan(statements[-1]).all()
    assert not np.isnan(statements[0]).any()


def test_the_superclasses_come_in_official_folds(folder):
    found = examples.load(folder, registry.network("ptbxl-cnn"), DataOptions())
    assert found.labels == NAMES[:5]
    assert found.test.groups.tolist() == ["ptbxl/00009"]
    assert found.validation.groups.tolist() == ["ptbxl/00008"]
    assert found.train.inputs.shape == (11, 12, 1000)


def test_the_nine_come_in_thirty_seconds_at_500_hz(folder):
    found = examples.load(folder, registry.network("resnet34-12lead"), DataOptions())
    assert found.train.inputs.shape == (6, 12, 15000)
    assert len(found.test) == len(found.validation) == 2
    assert (found.train.inputs[:, :, : 15000 - 4500] == 0).all()
    assert (found.train.targets.sum(axis=1) == 1).all()


def test_the_rows_of_the_registry_have_the_labels_of_the_data():
    assert registry.network("ecg-diagnosis").labels == NAMES
    assert registry.network("ptbxl-lstm").labels == NAMES[:5]
    assert registry.network("resnet34-12lead").labels == NAMES[5:]


def test_what_cannot_be_is_refused(folder, tmp_path):
    cnn = registry.network("ptbxl-cnn")
    for options, said in (
        (DataOptions(split="mixed"), "--split"),
        (DataOptions(fs=250), "--fs"),
        (DataOptions(leads=("I",)), "--leads"),
    ):
        with pytest.raises(SettingsError, match=said):
            examples.load(folder, cnn, options)
    with pytest.raises(RecordError, match="no PTB-XL"):
        examples.load(tmp_path, cnn, DataOptions())
    with pytest.raises(RecordError, match="#Dx: line"):
        examples.load(tmp_path, registry.network("resnet34-12lead"), DataOptions())
    with pytest.raises(RecordError, match="no twelve-lead set"):
        sources.read_all(tmp_path)
    with pytest.raises(RecordError, match="there is no such folder"):
        sources.read_all(tmp_path / "away")
