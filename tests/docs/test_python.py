"""The programs of docs/PYTHON.md and the example run, and its tables name what there is."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heartbeats
from simulator.synthetic.patient import SyntheticPatient
from tests.support.waiting import allowed_s

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "PYTHON.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    """A minute of a synthetic patient, mV."""
    patient = SyntheticPatient("vt-run", fs=250, leads=("II",), seed=1)
    return patient.generate(60).samples[0] / 200


def test_the_programs_run_one_after_the_other(signal, capsys):
    names: dict[str, Any] = {"signal": signal}
    said = []
    for program in PROGRAMS:
        exec(program, names)  # noqa: S102 - the page's own words
        said.append(capsys.readouterr().out)
    assert len(said) == 10
    assert said[0].startswith("Analysis of 60.0 s at 250 Hz, ECG\n  beats: ")
    assert "PVC at " in said[2]
    assert "vt " in said[2]
    assert re.fullmatch(r"QT 0\.\d\d s; \d\d% of beats have a P wave\n", said[3])
    assert said[7].endswith("\r60 s")
    assert "vt high since sample " in said[8]
    assert said[9] == "signal: lasts 0.4 s (1 x 100 samples); give 2 s or more\n"
    assert len(names["peaks"]) > 60


def test_what_the_page_says_is_printed_is_printed(signal):
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert shown.strip() == repr(heartbeats.analyze(signal, 250))


def fields_of(owner: str) -> set[str]:
    """Fields that the page's second table names for a class."""
    found: set[str] = set()
    current = ""
    for name, cell in re.findall(r"^\| (`\w+`|) ?\| ((?:`\w+`(?:, )?)+) \|", PAGE, re.MULTILINE):
        current = name.strip("`") or current
        if current == owner:
            found |= set(re.findall(r"`(\w+)`", cell))
    return found


@pytest.mark.parametrize(
    "kind",
    [heartbeats.Beat, heartbeats.Episode, heartbeats.Measurement],
    ids=lambda kind: kind.__name__,
)
def test_the_tables_name_every_field_of_an_event(kind):
    assert fields_of(kind.__name__) == {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize(
    "kind", [heartbeats.AlarmPeriod, heartbeats.QualityPeriod], ids=lambda kind: kind.__name__
)
def test_the_tables_name_every_field_of_a_period(kind):
    assert fields_of(kind.__name__) == set(kind._fields)


def test_the_page_names_every_field_and_argument():
    fields = {field.name for field in dataclasses.fields(heartbeats.Analysis)} - {"_plain"}
    for name in fields | set(inspect.signature(heartbeats.analyze).parameters):
        assert f"`{name}`" in PAGE, name
    for name in heartbeats.__all__:
        assert name in PAGE, name


@pytest.mark.parametrize("record", [False, True], ids=["synthetic", "record"])
def test_the_example_runs(record, mitdb, tmp_path):
    arguments = []
    if record:
        import wfdb

        short = wfdb.rdrecord(str(mitdb / "208"), sampto=60 * 360, physical=False)
        short.wrsamp(write_dir=str(tmp_path))
        arguments = [str(tmp_path / "208")]
    example = ROOT / "docs" / "examples" / "analyze_array.py"
    done = subprocess.run(
        [sys.executable, str(example), *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=allowed_s(150),
    )
    assert done.stderr == ""
    assert done.stdout.startswith("Analysis of 60.0 s at ")
    assert re.search(r"^ +\d+\.\d\d s  V  \d+%$", done.stdout, re.MULTILINE)
