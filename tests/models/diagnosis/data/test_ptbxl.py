"""PTB-XL is read in its official form and in the compact ones, with its folds and statements."""

import csv
import gzip

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from models.diagnosis.data import ptbxl
from models.diagnosis.labels import NAMES
from models.diagnosis.leads import INDEPENDENT, STANDARD
from tests.support.twelve_leads import millivolts

ROWS = [
    (1, "56.0", "1", 3, {"NORM": 100.0, "SR": 0.0}),
    (2, "300", "0", 9, {"IMI": 80.0, "AFIB": 0.0, "STD_": 0.0}),
    (3, "", "0", 10, {"CLBBB": 100.0, "SR": 0.0, "1AVB": 0.0}),
]
CLASSES = {"NORM": "NORM", "IMI": "MI", "CLBBB": "CD", "1AVB": "CD"}


@pytest.fixture
def official(tmp_path):
    """A folder as PhysioNet gives it out."""
    import wfdb

    with (tmp_path / "scp_statements.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["", "description", "diagnostic", "diagnostic_class"])
        out.writerows([code, code, "1.0", name] for code, name in CLASSES.items())
        out.writerow(["SR", "sinus rhythm", "", ""])
    with (tmp_path / "ptbxl_database.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold"])
        for ecg_id, age, sex, fold, codes in ROWS:
            out.writerow([ecg_id, 15709.0, age, sex, repr(codes), fold])
    folder = tmp_path / "records100" / "00000"
    folder.mkdir(parents=True)
    for ecg_id, *_ in ROWS:
        wfdb.wrsamp(
            f"{ecg_id:05d}_lr", 100, ["mV"] * 12, [name.upper() for name in STANDARD],
            millivolts(10, 100).T, fmt=["16"] * 12, adc_gain=[1000.0] * 12, baseline=[0] * 12,
            write_dir=str(folder),
        )  # fmt: skip
    return tmp_path


def test_the_official_folder_is_read(official):
    entries = ptbxl.read_database(official)
    assert [entry.part for entry in entries.values()] == ["train", "validation", "test"]
    assert [entry.age for entry in entries.values()] == [56, 90, None]
    assert [entry.sex for entry in entries.values()] == ["F", "M", "M"]
    assert [set(entry.superclasses) for entry in entries.values()] == [{"NORM"}, {"MI"}, {"CD"}]
    found, statements = ptbxl.collect(ptbxl.official_signals(official, entries), entries)
    assert found.ecg.shape == (3, 12, 1000)
    assert found.part.tolist() == ["train", "validation", "test"]
    assert statements.shape == (3, len(ptbxl.AUXILIARY))
    holding = [
        {n for n, mark in zip(NAMES, row, strict=True) if mark} for row in found.labels.tolist()
    ]
    assert holding == [{"NORM", "SNR"}, {"MI", "AF", "STD"}, {"CD", "LBBB", "IAVB"}]


def test_what_is_not_stated_is_not_taken_for_absent(official):
    entries = ptbxl.read_database(official)
    known = [
        {n for n, mark in zip(NAMES, ptbxl.targets(entry)[1], strict=True) if not mark}
        for entry in entries.values()
    ]
    assert known == [set(), {"STE"}, {"STD", "STE"}]


@pytest.fixture
def compact(tmp_path):
    """A table of labels, and both forms of npz file, of the same signal."""
    with gzip.open(tmp_path / "labels.csv.gz", "wt", newline="") as file:
        out = csv.writer(file)
        out.writerow(["ecg_id", "age", "sex", "strat_fold", *NAMES[:5], "scp_codes"])
        for ecg_id, age, sex, fold, codes in ROWS:
            classes = {CLASSES.get(code) for code in codes}
            marks = [int(name in classes) for name in NAMES[:5]]
            out.writerow([ecg_id, age, sex, fold, *marks, " ".join(codes)])
    signal = millivolts(10, 100)
    eight = np.rint(signal[[STANDARD.index(name) for name in INDEPENDENT]] * 1000).astype("<i2")
    steps = np.diff(eight, axis=-1, prepend=np.int16(0)).view("<u2")
    low, high = (steps & 0xFF).astype(np.uint8), (steps >> 8).astype(np.uint8)
    np.savez(tmp_path / "volts.npz", ecg_id=np.array([1]), lo=low[None], hi=high[None])
    scaled = (signal - signal.mean(axis=1, keepdims=True)) / signal.std(axis=1, keepdims=True)
    counts = np.rint(scaled * 500).astype(np.int16)
    np.savez(tmp_path / "scaled.npz", ecg_id=np.array([1, 77]), x=np.stack([counts, counts]))
    return tmp_path


def test_both_compact_forms_give_the_same_shapes(compact):
    entries = ptbxl.read_labels(compact / "labels.csv.gz")
    volts, _ = ptbxl.collect(ptbxl.compact_signals(compact / "volts.npz"), entries)
    scaled, _ = ptbxl.collect(ptbxl.compact_signals(compact / "scaled.npz"), entries)
    assert volts.record.tolist() == ["ptbxl/00001"]
    assert scaled.record.tolist() == ["ptbxl/00001z"]  # 77 has no labels
    assert (volts.about[0, 0], scaled.about[0, 0]) == (1, 0)
    for rows in (slice(0, 6), slice(6, 9)):
        one, other = volts.ecg[0, rows], scaled.ecg[0, rows]
        if rows.start:  # chest leads keep no relation
            one, other = (x / x.std(axis=1, keepdims=True) for x in (one, other))
        np.testing.assert_allclose(one / one.std(), other / other.std(), atol=0.06)


def test_another_file_is_refused(compact, tmp_path):
    np.savez(tmp_path / "other.npz", y=np.zeros(3))
    with pytest.raises(RecordError, match="holds y, neither lo and hi nor x"):
        list(ptbxl.compact_signals(tmp_path / "other.npz"))
    with pytest.raises(RecordError, match="No such file"):
        ptbxl.read_labels(tmp_path / "none.csv.gz")
    with gzip.open(tmp_path / "wrong.csv.gz", "wt") as file:
        file.write("a,b\n1,2\n")
    with pytest.raises(RecordError, match="no table of PTB-XL's labels"):
        ptbxl.read_labels(tmp_path / "wrong.csv.gz")
