"""`ecg-monitor analyze`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import wfdb

from detector.analyzer.command import write_annotations
from ecg_monitor.cli import main
from tests.support.cycles import even, signal_of

FS = 250
SECONDS = 12.0
BEATS = even(70, SECONDS)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Two leads of a heart that beats for 12 s and then stands still for 8, as a WFDB record."""
    still = np.random.default_rng(1).normal(0.0, 0.003, 8 * FS)
    one = np.concatenate([signal_of(BEATS, FS, SECONDS), still])
    wfdb.wrsamp(
        "heart",
        fs=FS,
        units=["mV", "mV"],
        sig_name=["II", "V1"],
        p_signal=np.stack([one, 0.5 * one], axis=1),
        fmt=["16", "16"],
        write_dir=str(tmp_path),
    )
    return tmp_path / "heart"


def test_the_summary_tells_beats_rates_and_alarms(record, tmp_path, capsys):
    out = tmp_path / "found"
    written = ["--annotations", str(out), "--json", str(tmp_path / "all.json")]
    assert main(["analyze", str(record), *written]) == 0
    told = capsys.readouterr().err
    assert "20.0 s at 250 Hz" in told
    assert "II, V1" in told
    assert "alarm: asystole" in told
    assert "to 20.0 s, raised at" in told
    assert "(high)" in told
    analysis = json.loads((tmp_path / "all.json").read_bytes())
    marks = wfdb.rdann(str(out / "heart"), "ecm")
    assert marks.sample.tolist() == [beat["sample"] for beat in analysis["beats"]]
    assert marks.symbol == [beat["label"] for beat in analysis["beats"]]
    assert marks.sample / FS == pytest.approx(BEATS, abs=0.02)


def test_a_bracket_in_a_name_is_no_markup(record, tmp_path, capsys):
    odd = tmp_path / "[b]:heart:.hea"
    odd.write_text(record.with_suffix(".hea").read_text().replace("heart 2", "odd 2", 1))
    assert main(["analyze", str(odd)]) == 0
    told = capsys.readouterr().err
    assert "recording [b]:heart:" in told


def test_leads_are_chosen_by_name_and_in_order(record, capsys):
    assert main(["analyze", str(record), "--leads", "V1", "--packet-ms", "1000"]) == 0
    told = capsys.readouterr().err
    assert "V1" in told
    assert "II" not in told


def test_a_lead_that_is_not_there_is_named(record, capsys):
    assert main(["analyze", str(record), "--leads", "II,aVF"]) == 2
    assert "heart has no lead 'aVF'; it has II, V1" in capsys.readouterr().err


def test_columns_of_a_table_are_leads_whatever_they_are_called(tmp_path, capsys):
    table = tmp_path / "table.csv"
    values = signal_of(BEATS, FS, SECONDS)
    np.savetxt(
        table, np.stack([values, values], axis=1), "%.3f", ",", header="one,other", comments=""
    )
    words = ["analyze", str(table), "--leads", "other", "--fs", str(FS), "--json", "-"]
    assert main(words) == 0
    analysis = json.loads(capsys.readouterr().out)
    assert analysis["leads"] == ["other"]
    assert len(analysis["beats"]) == pytest.approx(len(BEATS), abs=1)


@pytest.mark.parametrize("length", ["0", "1001", "-5"])
def test_a_length_that_no_packet_has_is_refused(record, length, capsys):
    with pytest.raises(SystemExit):
        main(["analyze", str(record), f"--packet-ms={length}"])
    assert f"must be 1 to 1000 ms, got {length}" in capsys.readouterr().err


def test_a_recording_without_beats_has_an_empty_file_of_annotations(tmp_path):
    path = write_annotations({"record": "flat", "beats": [], "fs": FS}, tmp_path / "found")
    assert path.read_bytes() == b"\0\0"
    assert wfdb.rdann(str(path.with_suffix("")), "ecm").sample.size == 0
