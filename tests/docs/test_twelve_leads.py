"""The program of docs/TWELVE_LEADS.md runs, and its tables name what there is."""

import re

import heartbeats
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.labels import TITLES
from models.diagnosis.leads import INDEPENDENT, STANDARD
from tests.support.places import ROOT
from tests.support.twelve_leads import millivolts

PAGE = (ROOT / "docs" / "TWELVE_LEADS.md").read_text(encoding="utf-8")


def test_the_program_runs(capsys):
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    signal = millivolts()[[STANDARD.index(name) for name in INDEPENDENT]]
    names = {"signal": signal}
    exec(program, names)  # noqa: S102 - the page's own words
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("['III', 'aVR', 'aVL', 'aVF']")
    assert len(said) == 1 + len(TITLES)
    found = names["found"]
    for key in found:
        assert f"| `{key}` |" in PAGE
    for key in found["quality"]:
        assert f"`{key}`" in PAGE
    for key in found["windows"][0]:
        assert f"`{key}`" in PAGE


def test_the_labels_are_those_of_the_network():
    rows = dict(re.findall(r"^\| ([A-Z]+) \| (.+?) \|$", PAGE, re.MULTILINE))
    assert rows == TITLES
    assert DiagnosisNetwork.load().manifest.labels == tuple(rows)


def test_an_array_may_be_in_microvolts():
    signal = millivolts()
    one = heartbeats.diagnose(signal, 500, leads=STANDARD)
    other = heartbeats.diagnose(signal * 1000, 500, leads=STANDARD, unit="uV")
    assert one["labels"] == other["labels"]
