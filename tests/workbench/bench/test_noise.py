"""Alarms in recorded noise, through the whole analyzer."""

from __future__ import annotations

from ecg_monitor.records import read_record
from tests.support.places import shared
from workbench.bench.noise import measure


def test_muscle_noise_that_hides_beats_is_told_as_noise(mitdb):
    noise = read_record(shared("data/nstdb") / "ma")
    found = measure(["101"], mitdb, noise, 0.0)
    assert found["false_kinds"] == {}
    assert found["suspended"] > 0.5
