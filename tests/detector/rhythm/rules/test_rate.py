"""Silence, pauses and rates."""

import pytest

from ecg_monitor.ward.limits.model import default_limits


def test_asystole_is_told_within_5_s_of_the_last_beat(heart):
    heart.beats("N" * 10, 0.8).silence(8.0)
    assert heart.raised() == ["pause", "asystole"]
    (alarm,) = heart.alarms("asystole")
    assert alarm.n == round(8.0 * 360)
    assert 4.0 <= (alarm.decided_n - alarm.n) / 360 <= 5.0
    heart.beats("NNNN", 0.8)
    assert [a.present for a in heart.alarms("asystole")] == [True, False]


def test_asystole_comes_again_as_another_alarm(heart):
    heart.beats("N" * 10, 0.8).silence(6.0).beats("N", 0.4).silence(6.0)
    begun = [a.n for a in heart.alarms("asystole") if a.present]
    assert len(set(begun)) == 2


def test_a_pause_is_no_asystole(heart):
    heart.beats("N" * 10, 0.8).beats("N", 3.2).beats("NNN", 0.8)
    assert heart.raised() == ["pause"]
    assert heart.episodes("pause") == [(8.0, 11.2)]


def test_missed_beat_in_a_regular_rhythm_only(heart):
    heart.beats("N" * 10, 0.8).beats("N", 1.6).beats("NNN", 0.8)
    assert heart.raised() == ["missed_beat"]


def test_a_pause_after_a_pvc_is_no_missed_beat(heart):
    heart.beats("N" * 10, 0.8).beats("V", 0.5).beats("N", 1.6).beats("NNNNNN", 0.8)
    assert heart.raised() == []


def test_an_irregular_rhythm_misses_no_beat(heart):
    for rr in (0.6, 0.9, 0.7, 1.1, 0.65, 0.8, 0.6, 1.6, 0.8, 0.7):
        heart.beats("N", rr)
    assert heart.raised() == []


@pytest.mark.parametrize(("rr_s", "kind"), [(60 / 45, "bradycardia"), (60 / 130, "tachycardia")])
def test_limits_within_10_s_of_a_step_and_with_an_end(heart, rr_s, kind):
    heart.beats("N" * 25, 0.8).beats("N" * 40, rr_s)
    (alarm,) = heart.alarms(kind)
    assert alarm.decided_n / 360 - 20 < 10
    assert heart.raised() == [kind]
    heart.beats("N" * 20, 0.8)
    assert [a.present for a in heart.alarms(kind)] == [True, False]


def test_a_short_excursion_is_not_told(heart):
    heart.beats("N" * 25, 0.6).beats("N" * 6, 0.45).beats("N" * 25, 0.6)
    assert heart.raised() == []


@pytest.mark.parametrize("category", ["paediatric", "neonatal"])
def test_what_is_fast_for_an_adult_is_not_for_a_child(heart_with, category):
    heart = heart_with(default_limits(category)).beats("N" * 60, 60 / 150)
    assert heart.raised() == []
    heart = heart_with(default_limits(category)).beats("N" * 60, 60 / 70)
    assert set(heart.raised()) & {"bradycardia", "extreme_bradycardia"}


def test_a_silence_that_began_with_a_jump_is_asystole_only_after_8_s(heart):
    heart.beats("N" * 20, 0.8)
    heart.shake().silence(7.9)
    assert heart.raised() == []
    heart.silence(1.2)
    assert heart.raised() == ["asystole"]


def test_a_silence_that_began_with_a_jump_makes_no_rate(heart):
    heart.beats("N" * 20, 0.8)
    heart.shake().beats("N", 6.0).beats("NNNNNN", 0.8)
    assert heart.raised() == []
    heart.beats("N", 6.0)
    assert "asystole" in heart.raised()


@pytest.mark.parametrize(("beats", "told"), [(12, []), (13, ["extreme_tachycardia"])])
def test_twelve_intervals_make_an_extreme_tachycardia(heart, beats, told):
    """The first interval of the fast rhythm ends with its second beat."""
    heart.beats("N" * 25, 0.8).beats("N" * (beats - 1), 60 / 142).beats("N" * 5, 0.8)
    extreme = [kind for kind in heart.raised() if kind == "extreme_tachycardia"]
    assert extreme == told
