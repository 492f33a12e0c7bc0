"""Alarm limits from TOML."""

import pytest

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.ward.limits.file import load_limits
from ecg_monitor.ward.limits.model import CATEGORIES, default_limits


@pytest.fixture
def config(tmp_path):
    def write(text: str):
        path = tmp_path / "ward.toml"
        path.write_text(text)
        return path

    return write


def test_every_category_has_all_limits_in_order():
    for category in CATEGORIES:
        rate = default_limits(category).rate
        assert rate.extreme_low_bpm < rate.low_bpm < rate.high_bpm < rate.extreme_high_bpm
    assert default_limits("neonatal").rate.low_bpm > default_limits("adult").rate.low_bpm


def test_a_file_overrides_what_it_names_and_nothing_else(config):
    book = load_limits(config("[adult.rate]\nhigh_bpm = 130\n[alarms]\ncouplet = 'off'"))
    assert book.of("bed-1").rate.high_bpm == 130.0
    assert book.of("bed-1").rate.low_bpm == default_limits().rate.low_bpm
    assert "couplet" not in book.of("bed-1").priorities


def test_a_patient_of_his_own(config):
    book = load_limits(
        config(
            "category = 'paediatric'\n[patients.bed-07]\ncategory = 'neonatal'\n"
            "[patients.bed-07.rate]\nhigh_bpm = 190\n[patients.bed-07.alarms]\nbigeminy = 'medium'"
        )
    )
    assert book.of("bed-01").category == "paediatric"
    assert book.of("bed-07").category == "neonatal"
    assert book.of("bed-07").rate.high_bpm == 190
    assert book.of("bed-07").rate.asystole_s == 3.0
    assert book.of("bed-07").priorities["bigeminy"] == "medium"
    assert book.of("bed-01").priorities["bigeminy"] == "low"


def test_neonates_inherit_what_adults_override(config):
    book = load_limits(config("category = 'neonatal'\n[adult.rate]\ndelay_s = 2\nlow_bpm = 45"))
    assert book.of("x").rate.delay_s == 2.0
    assert book.of("x").rate.low_bpm == 100.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[adult.rate]\nlow_bpm = 500", r"adult\.rate\.low_bpm must be 10 \.\. 300, got 500"),
        ("[adult.rate]\nlow_bpm = '50'", r"adult\.rate\.low_bpm must be a number, got '50'"),
        ("[adult.rate]\nlow_bpm = true", r"adult\.rate\.low_bpm must be a number"),
        ("[adult.rate]\nlow_bpm = nan", r"adult\.rate\.low_bpm must be 10"),
        ("[adult.ventricular]\nvt_beats = 4.5", r"vt_beats must be a whole number"),
        ("[adult.rate]\nlow_bmp = 50", r"adult\.rate\.low_bmp is not known; did you mean low_bpm"),
        ("[adult.rates]\nlow_bpm = 50", r"adult\.rates is not known; did you mean rate"),
        ("[adlut.rate]\nlow_bpm = 50", r"adlut is not known; did you mean adult"),
        ("[adult.rate]\nlow_bpm = 130", r"adult\.rate must keep extreme_low_bpm <= low_bpm"),
        ("[adult.rate]\nasystole_s = 11", r"asystole_s must be 2 \.\. 10"),
        ("[adult.af]\noff = 0.9", r"adult\.af must keep off <= on"),
        ("category = 'old'", r"category must be one of adult, paediatric, neonatal, got 'old'"),
        ("adult = 3", r"adult must be a table headed \[adult\]"),
        ("[alarms]\ncouplet = 'loud'", r"alarms\.couplet must be one of high"),
        ("[alarms]\nasystole = 'off'", r"alarms\.asystole must stay high"),
        ("[alarms]\nasystol = 'low'", r"alarms\.asystol is not known; did you mean asystole"),
        ("[patients.b1.rate]\nlow_bpm = 5", r"patients\.b1\.rate\.low_bpm must be 10"),
        ("[patients.b1.rate]\nhigh_bpm = 200", r"patients\.b1\.rate must keep"),
        ("[patients.b1]\ncategory = 'x'", r"patients\.b1\.category must be one of"),
        ("[patients.b1.alarms]\nvf = 'low'", r"patients\.b1\.alarms\.vf must stay high"),
        ("[patients.b1]\ncolour = 'x'", r"patients\.b1\.colour is not known"),
        ("[adult", r"is not valid TOML"),
    ],
)
def test_errors_name_the_key_and_the_mend(config, text, told):
    with pytest.raises(SettingsError, match=told):
        load_limits(config(text))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SettingsError, match="ECG_CONFIG: cannot read"):
        load_limits(tmp_path / "none.toml")
