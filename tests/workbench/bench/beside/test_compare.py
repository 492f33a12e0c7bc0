"""Other ways of following a patient are measured beside ours, with the packages themselves."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from ecg_monitor.cli import main
from ecg_monitor.core.errors import SettingsError
from workbench.bench.beside.compare import EAGER, OURS, measure
from workbench.bench.beside.others import WINDOW_S, lead_of, ways, windows
from workbench.bench.guard import patient


def test_all_ways_follow_the_same_patient_and_find_the_heart():
    told = []
    played = patient()
    found = measure([played], 6.0, rounds=1, beds=2, progress=lambda what, _: told.append(what))
    names = [way.name for way in ways()]
    assert told == [OURS, *names]
    assert {OURS, *names} <= found["us"].keys() <= {OURS, EAGER, *names}
    assert found["times_ours"][OURS] == 1.0
    assert all(us > 0 for us in found["us"].values())
    ours = found["beats"][OURS] / 2
    assert ours >= 4
    for name in names:
        assert found["beats"][name] == pytest.approx(ours, abs=2), name
    assert [row[0] for row in found["table"]["rows"]] == sorted(
        found["us"], key=found["us"].__getitem__, reverse=True
    )


def test_a_monitor_looks_at_the_newest_ten_seconds_each_second():
    fs = 100.0
    looked = list(windows(np.arange(1300.0), fs))
    assert [one[0] for one in looked] == [100.0, 200.0, 300.0]
    assert {len(one) for one in looked} == {round(WINDOW_S * fs)}


def test_a_lead_is_told_in_millivolts_and_begins_anew_at_its_end():
    played = patient()
    lead = lead_of(played, played.duration_s - 1.0, 2.0)
    first = (played.samples[0, :360] - played.baseline[0]) / played.gain[0]
    np.testing.assert_allclose(lead[360:], first)


def test_what_is_missing_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "neurokit2", None)
    with pytest.raises(SettingsError, match=r"neurokit2.*ecg-monitor\[compare\]"):
        ways()


@pytest.mark.parametrize("besides", [["--find"], ["--engine-only"], ["--packet-ms", "100"]])
def test_what_a_comparison_does_not_go_with_is_refused(besides, capsys):
    assert main(["bench", "--compare", *besides]) != 0
    assert "--compare" in capsys.readouterr().err
