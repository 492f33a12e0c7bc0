"""Whatever comes in: findings in one form, or an error that says what is wrong."""

import numpy as np
import pytest

from detector.twelve_lead.diagnose import diagnose, person_of
from ecg_monitor.core.errors import RecordError
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import INDEPENDENT, STANDARD
from tests.support.twelve_leads import millivolts, recording

KEYS = ["record", "model", "labels", "decisions", "windows", "quality"]


@pytest.fixture(scope="module")
def ours() -> DiagnosisNetwork:
    return DiagnosisNetwork.load()


def largest_difference(one, other) -> float:
    return max(abs(one["labels"][name] - other["labels"][name]) for name in one["labels"])


def test_a_long_recording_is_judged_in_windows(ours):
    found = diagnose(recording(millivolts(34)), ours, age=50, sex="F")
    assert list(found) == KEYS
    assert [window["start_s"] for window in found["windows"]] == [0, 10, 20, 24]
    for name, p in found["labels"].items():
        each = [window["labels"][name] for window in found["windows"]]
        assert p == pytest.approx(np.mean(each), abs=2e-4)
    limits = dict(zip(ours.manifest.labels, ours.manifest.thresholds, strict=True))
    assert found["decisions"] == [n for n, p in found["labels"].items() if p >= limits[n]]
    assert found["quality"]["used"] == list(STANDARD)
    assert found["quality"]["notes"] == []


def test_eight_leads_say_what_twelve_do(ours):
    signal = millivolts()
    rows = [STANDARD.index(name) for name in INDEPENDENT]
    eight = diagnose(recording(signal[rows], leads=INDEPENDENT), ours)
    assert eight["quality"]["derived"] == ["III", "aVR", "aVL", "aVF"]
    assert eight["quality"]["missing"] == []
    assert largest_difference(eight, diagnose(recording(signal), ours)) < 0.02


def test_the_order_and_the_spelling_of_leads_do_not_matter(ours):
    signal = millivolts()
    names = ["i", "MLII", "Lead III", "AVR", "avl", "aVF", "C1", "v2", "V3", "V4", "V5", "V6"]
    back = slice(None, None, -1)
    mixed = diagnose(recording(signal[back], leads=names[back]), ours)
    assert largest_difference(mixed, diagnose(recording(signal), ours)) == 0


def test_three_leads_are_enough_for_ours_and_not_for_another():
    signal = millivolts()[[0, 1, 6]]
    three = recording(signal, leads=["I", "II", "V1"])
    found = diagnose(three, DiagnosisNetwork.load())
    assert found["quality"]["used"] == ["I", "II", "III", "aVR", "aVL", "aVF", "V1"]
    assert found["quality"]["missing"] == ["V2", "V3", "V4", "V5", "V6"]
    with pytest.raises(RecordError, match="needs 12 leads and V2, V3, V4, V5, V6 are missing"):
        diagnose(three, DiagnosisNetwork.load("ptbxl-cnn"))


@pytest.mark.parametrize("swapped", [(1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_swapped_names_are_noticed(ours, swapped):
    found = diagnose(recording(millivolts()[[*swapped, *range(3, 12)]]), ours)
    assert any("names may be swapped" in note for note in found["quality"]["notes"])


def test_gaps_are_told_and_bridged(ours):
    signal = millivolts()
    signal[7, 1000:1500] = np.nan
    found = diagnose(recording(signal), ours)
    assert found["quality"]["gaps"] == {"V2": 0.1}
    assert any("in places: V2 (10.0%)" in note for note in found["quality"]["notes"])
    assert found["windows"][0]["leads"] == list(STANDARD)


def test_a_lead_without_a_value_is_missing(ours):
    signal = millivolts()
    signal[7] = np.nan
    found = diagnose(recording(signal), ours)
    assert found["quality"]["missing"] == ["V2"]
    assert not any("in places" in note for note in found["quality"]["notes"])
    assert all(0 <= p <= 1 for p in found["labels"].values())


def test_a_flat_lead_is_left_out(ours):
    signal = millivolts()
    signal[6] = 0.4
    found = diagnose(recording(signal), ours)
    assert found["quality"]["flat"] == ["V1"]
    assert any("V1 flat" in note for note in found["quality"]["notes"])
    assert "V1" not in found["windows"][0]["leads"]


def test_nothing_but_flat_leads_is_refused(ours):
    with pytest.raises(RecordError, match=r"no lead shows anything .* is the unit right"):
        diagnose(recording(np.full((12, 5000), 0.1)), ours)


@pytest.mark.parametrize("seconds", [3, 5])
def test_a_short_recording_is_judged_and_said_to_be_short(ours, seconds):
    found = diagnose(recording(millivolts(seconds)), ours)
    assert found["windows"][0]["duration_s"] == seconds
    assert any(note.startswith(f"lasts {seconds} s") for note in found["quality"]["notes"])


def test_too_short_a_recording_is_refused(ours):
    with pytest.raises(RecordError, match=r"lasts 2 s; 2\.5 s or more"):
        diagnose(recording(millivolts(2)), ours)


def test_rates_up_to_1000_hz_say_the_same(ours):
    reference = diagnose(recording(millivolts()), ours)
    for fs in (100, 250, 1000):
        found = diagnose(recording(millivolts(10, fs), fs), ours)
        assert largest_difference(found, reference) < 0.1, fs
    with pytest.raises(RecordError, match="50 Hz is outside"):
        diagnose(recording(millivolts(10, 50), 50), ours)


def test_impossible_voltages_leave_the_shapes(ours):
    from ecg_monitor.records.plausible import made_plausible

    microvolts = made_plausible(recording(millivolts() * 1000, gain=10))
    found = diagnose(microvolts, ours)
    assert not found["quality"]["voltage_known"]
    assert any("voltages unknown" in note for note in found["quality"]["notes"])
    assert all(0 <= p <= 1 for p in found["labels"].values())


def test_signals_that_are_no_leads_are_refused(ours):
    with pytest.raises(RecordError, match=r"\(Pleth, ABP\) is called like one.*--leads Pleth=II"):
        diagnose(recording(millivolts()[:2], leads=["Pleth", "ABP"]), ours)


def test_age_and_sex_come_from_the_header(ours):
    comments = ("Age: 74", "Sex: Male", "Dx: RBBB")
    found = diagnose(recording(millivolts(), comments=comments), ours)
    assert (found["quality"]["age"], found["quality"]["sex"]) == (74, "M")
    found = diagnose(recording(millivolts(), comments=comments), ours, age=30, sex="F")
    assert (found["quality"]["age"], found["quality"]["sex"]) == (30, "F")


@pytest.mark.parametrize(
    ("comments", "person"),
    [
        (("Age: 74", "Sex: Male"), (74, "M")),
        (("<age>: 51 <sex>: F",), (51, "F")),
        (("age: NaN",), (None, None)),
        (("Age: 300",), (90, None)),
        (("69 M 1085 1629 x1",), (None, None)),
    ],
)
def test_headers_speak_of_people_in_many_ways(comments, person):
    assert person_of(comments) == person


def test_a_result_does_not_depend_on_what_else_is_judged(ours):
    signal = millivolts(20)
    whole = diagnose(recording(signal), ours)["windows"][0]["labels"]
    alone = diagnose(recording(signal[:, :5500]), ours)["windows"][0]["labels"]
    assert max(abs(whole[name] - alone[name]) for name in whole) < 0.01
