"""Where the rule of ST elevation speaks, on recordings whose truth is known."""

from __future__ import annotations

import pytest

from simulator.synthetic import SyntheticPatient
from simulator.synthetic.leads import LEADS
from tests.support.twelve_leads import recording
from workbench.evaluate.twelve_leads.elevation import LIMITS, said


@pytest.mark.parametrize(
    ("scenario", "wanted"),
    [("stemi-inferior", [*LIMITS]), ("sinus-12", []), ("lbbb", ["unjudged"])],
)
def test_a_recording_of_ten_seconds_is_judged_by_each_limit(scenario, wanted):
    patient = SyntheticPatient(scenario, 500.0, LEADS, seed=2, gain=1000.0)
    assert said(recording(patient.generate(10).samples / 1000.0)) == wanted
