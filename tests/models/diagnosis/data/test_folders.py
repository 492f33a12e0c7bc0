"""Folders of CPSC2018 and of the Challenges: labels from headers or reference.csv, an index."""

import csv

import pytest

from ecg_monitor.core.errors import RecordError
from models.diagnosis.data import folders
from models.diagnosis.labels import NAMES
from tests.support.twelve_leads import millivolts, write_wfdb


@pytest.fixture
def folder(tmp_path):
    """Six recordings: words of CPSC2018, SNOMED codes, a subfolder, what is not mapped."""
    signal = millivolts(12)
    for name, comments in {
        "A0001": ["Age: 74", "Sex: Male", "Dx: RBBB", "Rx: Unknown"],
        "A0002": ["Age: NaN", "Sex: Female", "Dx: AF,RBBB"],
        "JS1": ["Age: 59", "Sex: Unknown", "Dx: 164889003,59931005"],
        "A0004": ["Age: 20", "Sex: F", "Dx: Normal"],
        "A0005": ["no diagnosis"],
    }.items():
        write_wfdb(tmp_path, name, signal, comments=comments)
    (tmp_path / "g1").mkdir()
    write_wfdb(tmp_path / "g1", "HR6", millivolts(25), comments=[" Dx: 426783006"])
    return tmp_path


def test_headers_give_labels_age_and_sex(folder):
    headers = folders.read_headers(folder)
    assert {h.name: (h.age, h.sex, h.labels) for h in headers} == {
        "A0001": (74, "M", ("RBBB",)),
        "A0002": (None, "F", ("AF", "RBBB")),
        "A0004": (20, "F", ("SNR",)),
        "JS1": (59, None, ("AF",)),
        "HR6": (None, None, ("SNR",)),
    }
    assert next(h for h in headers if h.name == "JS1").unmapped == ("59931005",)


def test_windows_have_the_nine_labels_and_no_others(folder):
    found = folders.collect(folders.read_headers(folder))
    assert (found.known[:, :5] == 0).all()
    assert (found.known[:, 5:] == 1).all()
    by_record = dict(zip(found.record, found.labels, strict=True))
    marks = by_record["cpsc2018/A0002"]
    assert {n for n, mark in zip(NAMES, marks, strict=True) if mark} == {"AF", "RBBB"}
    assert (found.record == "cpsc2018/HR6").sum() == 3
    for name in set(found.record):
        assert len(set(found.part[found.record == name])) == 1


def test_a_reference_decides(folder):
    (folder / "REFERENCE.csv").write_text(
        "Recording,First_label,Second_label,Third_label\nA0001,2,6,\nA0005,9,,\n"
    )
    labels = {h.name: h.labels for h in folders.read_headers(folder)}
    assert labels["A0001"] == ("AF", "PAC")
    assert labels["A0005"] == ("STE",)
    assert labels["A0004"] == ("SNR",)


def test_a_wrong_reference_names_its_row(folder):
    (folder / "reference.csv").write_text("Recording,First_label\nA0001,11\n")
    with pytest.raises(RecordError, match="row 2 is 'A0001,11'"):
        folders.read_headers(folder)


def test_the_index_lists_everything(folder, tmp_path):
    folders.write_index(folders.read_headers(folder), tmp_path / "labels.csv")
    with (tmp_path / "labels.csv").open(newline="") as file:
        rows = {row["record"]: row for row in csv.DictReader(file)}
    assert rows["A0001"]["RBBB"] == "1"
    assert rows["A0001"]["AF"] == "0"
    assert rows["JS1"]["unmapped"] == "59931005"
    assert rows["A0002"]["age"] == ""


def test_a_folder_without_labels_is_refused(tmp_path):
    write_wfdb(tmp_path, "X1", millivolts(10))
    with pytest.raises(RecordError, match=r"no \.hea file with a #Dx: line"):
        folders.read_headers(tmp_path)
    with pytest.raises(RecordError, match="is no folder"):
        folders.read_headers(tmp_path / "away")
