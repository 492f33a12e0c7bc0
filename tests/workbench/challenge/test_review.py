"""A folder of the challenge through the command: synthetic patients, right and wrong answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecg_monitor.cli import main
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment
from workbench.challenge.folder import ListedAlarm
from workbench.challenge.kinds import KINDS
from workbench.challenge.review import answers_to

FS = 250.0


def write(folder: Path, record: str, samples: np.ndarray, leads: list[str], unit="mV") -> None:
    wfdb.wrsamp(
        record, fs=FS, units=[unit] * len(leads), sig_name=leads, d_signal=samples.T.astype(int),
        fmt=["16"] * len(leads), adc_gain=[200.0] * len(leads), baseline=[0] * len(leads),
        write_dir=str(folder),
    )  # fmt: skip


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> tuple[dict, str, str]:
    """Figures, page and what is printed."""
    folder = tmp_path_factory.mktemp("challenge")
    segments = (
        Segment("sinus", 20, rate=80, hrv=0.0),
        Segment("vt", 12, rate=180, irregularity=0.0),
    )
    patient = SyntheticPatient(Scenario(segments, loop=False), fs=FS, leads=("II", "V1"), seed=4)
    samples = patient.generate(32).samples
    for record in ("told", "false"):
        write(folder, record, samples, ["II", "V1"])
    write(folder, "calm", samples[:, : round(20 * FS)], ["II", "V1"])
    write(folder, "short", samples[:, : round(5 * FS)], ["II", "V1"])
    write(folder, "blood", samples, ["ABP", "PLETH"], unit="mmHg")
    (folder / "empty.hea").write_text("")
    kinds = {"asystole": "Asystole", "vt": "Ventricular_Tachycardia"}
    lines = [
        *(f"told,{kinds['vt']},1", f"false,{kinds['vt']},0", f"calm,{kinds['asystole']},1"),
        *("strange,Fever,1", "[b],[/red]Fever,1", f"{'x' * 300},{kinds['vt']},1"),
        *(f"short,{kinds['vt']},1", f"blood,{kinds['vt']},1"),
        *(f"empty,{kinds['vt']},1", f"missing,{kinds['vt']},0"),
    ]
    (folder / "ALARMS").write_text("\n".join(lines))
    out, page = folder / "out.json", folder / "page.html"
    words = [
        str(folder),
        "--alarm-challenge",
        "--jobs",
        "2",
        "--json",
        str(out),
        "--html",
        str(page),
    ]
    assert main(["evaluate", *words]) == 0
    return json.loads(out.read_text()), page.read_text(), str(folder)


def test_answers_are_scored_by_kind_and_together(outcome):
    figures = outcome[0]
    vt, asystole = figures["kinds"]["Ventricular_Tachycardia"], figures["kinds"]["Asystole"]
    assert (vt["tp"], vt["fp"], vt["tn"], vt["fn"]) == (1, 1, 0, 0)
    assert vt["score"] == 0.5
    assert (asystole["fn"], asystole["score"]) == (1, 0.0)
    assert figures["gross"]["score"] == pytest.approx(1 / (1 + 1 + 5))
    assert figures["kinds"]["Tachycardia"]["score"] is None


def test_wrong_answers_have_a_cause_and_a_strip(outcome):
    figures, page, _ = outcome
    assert [(one["record"], one["outcome"]) for one in figures["alarms"] if one["cause"]] == [
        ("false", "fp"),
        ("calm", "fn"),
    ]
    assert {(one["kind"], one["cause"]) for one in figures["causes"]} == {
        ("Asystole", "no pause found"),
        ("Ventricular_Tachycardia", "a run of V found, in signal called good"),
    }
    assert page.count("<svg") == 2
    assert page.count('class="trace"') == 4
    assert re.search(r"our alarms: [^<]*vt since -\d", page)
    assert not re.search(r'(src|href)="|@import|url\(', page)


def test_what_cannot_be_scored_is_counted_with_its_reason(outcome):
    figures, page, _ = outcome
    assert (figures["listed"], figures["scored"]) == (10, 3)
    reasons = {one["record"]: one["reason"] for one in figures["refused"]}
    assert "unknown kind 'Fever'" in reasons["strange"]
    assert "is 5 s long" in reasons["short"]
    assert "no ECG" in reasons["blood"]
    assert "cannot be read: File name too long" in reasons["x" * 300]
    assert "unknown kind '[/red]Fever'" in reasons["[b]"]
    assert set(reasons) == {"strange", "[b]", "x" * 300, "short", "blood", "empty", "missing"}
    assert all(reasons.values())
    assert "3 of 10 scored" in page
    assert "Not scored" in page


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--records", "told,nobody"], "ALARMS does not list 'nobody'"),
        (["--records", "strange"], "none of 1 alarms can be scored; the first, strange: line 4: "),
        (["--records", "blood"], "none of 1 alarms can be scored; the first, blood:"),
        (["--leads", "first"], "--alarm-challenge: takes every lead"),
        (["--jobs", "0"], "--jobs: must be a whole number 1 .. 256, got '0'"),
        (["--split", "ds1"], "--alarm-challenge: takes every lead"),
    ],
)
def test_what_cannot_be_asked_is_refused(outcome, words, complaint, capsys):
    try:
        status = main(["evaluate", outcome[2], "--alarm-challenge", *words])
    except SystemExit as end:
        status = int(end.code)
    assert status == 2
    assert complaint in capsys.readouterr().err


def test_a_folder_without_a_list_is_refused(tmp_path, capsys):
    assert main(["evaluate", str(tmp_path), "--alarm-challenge"]) == 2
    assert "no file ALARMS" in capsys.readouterr().err


def test_several_processes_answer_in_the_order_of_the_list(tmp_path):
    alarms = [ListedAlarm(f"missing{i}", KINDS["Asystole"], i % 2 == 0) for i in range(12)]
    found = list(answers_to(alarms, tmp_path, 500.0, jobs=2))
    assert [one.record for one in found] == [one.record for one in alarms]
    assert found == list(answers_to(alarms, tmp_path, 500.0))
