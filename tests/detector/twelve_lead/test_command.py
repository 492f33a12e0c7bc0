"""`ecg-monitor diagnose` reads files, names what is wrong, and writes JSON."""

import json

import pytest

from ecg_monitor.cli import main
from tests.support.twelve_leads import millivolts, write_wfdb


@pytest.fixture
def record(tmp_path):
    write_wfdb(tmp_path, "X1", millivolts(12), comments=["Age: 40", "Sex: F"])
    return tmp_path / "X1.hea"


def test_the_table_tells_what_the_labels_mean(record, capsys):
    assert main(["diagnose", str(record)]) == 0
    said = capsys.readouterr().out
    assert "atrial fibrillation" in said
    assert "X1: ecg-diagnosis, 2 windows" in said


def test_json_to_the_screen_and_to_a_file_are_the_same(record, tmp_path, capsysbinary):
    assert main(["diagnose", str(record), "--json", "-"]) == 0
    shown = json.loads(capsysbinary.readouterr().out)
    assert main(["diagnose", str(record), "--json", str(tmp_path / "out" / "x.json")]) == 0
    assert json.loads((tmp_path / "out" / "x.json").read_bytes()) == shown
    assert list(shown) == ["record", "model", "labels", "decisions", "windows", "quality"]


def test_leads_are_chosen_and_named(record, capsysbinary):
    assert main(["diagnose", str(record), "--leads", "ii,V6=V5", "--json", "-"]) == 0
    quality = json.loads(capsysbinary.readouterr().out)["quality"]
    assert quality["used"] == ["II", "V5"]


def test_a_column_of_a_table_is_said_to_be_a_lead(tmp_path, capsysbinary):
    rows = "\n".join(f"{value:.4f}" for value in millivolts(10, 250)[1])
    (tmp_path / "watch.csv").write_text("ECG\n" + rows + "\n")
    words = ["diagnose", str(tmp_path / "watch.csv"), "--fs", "250"]
    assert main(words) == 2
    assert b"--leads ECG=II" in capsysbinary.readouterr().err
    assert main([*words, "--leads", "ECG=II", "--json", "-"]) == 0
    assert json.loads(capsysbinary.readouterr().out)["quality"]["used"] == ["II"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--model", "ecg-diagnosi"], "did you mean ecg-diagnosis?"),
        (["--leads", "V9"], "has no lead 'V9'"),
        (["--leads", "I,,V1"], "give names with commas between"),
        (["--model", "ptbxl-cnn", "--leads", "I,II,V1"], "needs 12 leads and V2, V3"),
    ],
)
def test_what_is_wrong_is_named(record, more, said, capsys):
    assert main(["diagnose", str(record), *more]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["empty.csv", "empty.edf", "empty.hea"])
def test_an_empty_file_is_refused(tmp_path, name, capsys):
    (tmp_path / name).write_bytes(b"")
    assert (
        main(["diagnose", str(tmp_path / name), "--fs", "500"][: None if "csv" in name else 2]) == 2
    )
    assert name.split(".")[0] in capsys.readouterr().err
