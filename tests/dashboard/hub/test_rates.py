"""The limits beside the heart rate are those under which the bed is monitored."""

from __future__ import annotations

from pathlib import Path

from dashboard.hub.beds.bed import Bed
from dashboard.hub.beds.rates import rate_limits
from ecg_monitor.ward.limits.file import load_limits
from ecg_monitor.ward.patients.model import Admission

STAY = Admission("s", "4711", "", "adult", 0.0, "A. Nurse")


def test_of_the_configuration_the_category_or_the_patient(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("[patients.bed-1.rate]\nhigh_bpm = 130\n")
    book = load_limits(str(path))
    bed = Bed(0, "bed-1")
    assert rate_limits(book, bed) == (50.0, 130.0)
    assert rate_limits(book, Bed(1, "bed-2")) == (50.0, 120.0)
    bed.admission = STAY
    assert rate_limits(book, bed) == (50.0, 120.0)
    bed.admission = Admission("s", "4711", "", "neonatal", 0.0, "A. Nurse")
    assert rate_limits(book, bed) == (100.0, 200.0)
    limits = {"rate": {"low_bpm": 45.0}}
    bed.admission = Admission("s", "1", "", "adult", 0.0, "A. Nurse", limits=limits)
    assert rate_limits(book, bed) == (45.0, 120.0)


def test_an_alarm_that_is_off_has_none() -> None:
    book = load_limits("")
    bed = Bed(0, "bed-1")
    alarms = {"tachycardia": "off"}
    bed.admission = Admission("s", "1", "", "adult", 0.0, "A. Nurse", alarms=alarms)
    assert rate_limits(book, bed) == (50.0, None)
    assert rate_limits(None, bed) == (None, None)
