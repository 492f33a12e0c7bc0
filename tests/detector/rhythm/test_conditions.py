"""Which conditions are told, and which silence which."""

import pytest

from detector.rhythm.conditions import Conditions
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alarms.kind import HOLD_S, LONG_HOLD_S
from ecg_monitor.ward.limits.model import default_limits

FS = 250.0


@pytest.fixture
def out() -> Conditions:
    return Conditions(FS, default_limits().priorities)


def told(out: Conditions) -> list[tuple[str, bool]]:
    return [(e.kind, e.present) for e in out.take() if isinstance(e, Alarm)]


def test_a_condition_is_told_once_with_what_decided(out):
    out.begin("tachycardia", 10, 20, 131.23456, 120.0)
    out.begin("tachycardia", 15, 25, 140.0, 120.0)
    assert out.take() == [Alarm("tachycardia", "medium", 10, 20, True, 131.235, 120.0)]
    out.end("tachycardia", 30)
    out.end("tachycardia", 31)
    assert out.take() == [Alarm("tachycardia", "medium", 10, 30, False)]


def test_the_stronger_ends_the_weaker_which_may_come_back(out):
    out.begin("tachycardia", 10, 20)
    out.begin("extreme_tachycardia", 12, 30)
    out.begin("tachycardia", 10, 40)
    assert told(out) == [
        ("tachycardia", True),
        ("tachycardia", False),
        ("extreme_tachycardia", True),
    ]
    out.end("extreme_tachycardia", 50)
    out.begin("tachycardia", 10, 60)
    events = out.take()
    assert events[-1] == Alarm("tachycardia", "medium", 60, 60, True)  # not the same alarm again


def test_conditions_of_other_chains_stand_side_by_side(out):
    out.begin("af", 10, 20)
    out.begin("vt", 30, 40)
    assert told(out) == [("af", True), ("vt", True)]


@pytest.mark.parametrize(("kind", "hold_s"), [("pause", HOLD_S), ("couplet", LONG_HOLD_S)])
def test_what_is_momentary_stays_for_a_while(out, kind, hold_s):
    out.flash(kind, 100, 200)
    out.expire(200 + round(hold_s * FS) - 1)
    assert told(out) == [(kind, True)]
    out.flash(kind, 3000, 200 + round(hold_s * FS) - 1)
    out.expire(200 + round(hold_s * FS))
    assert told(out) == []
    out.expire(200 + round(2 * hold_s * FS))
    assert told(out) == [(kind, False)]


def test_asystole_is_not_hidden_by_fibrillation_that_is_over(out):
    out.begin("vf", 10, 20)
    out.begin("asystole", 15, 30)
    assert told(out) == [("vf", True)]
    out.linger("vf", 40)
    out.begin("pause", 15, 45)
    assert told(out) == []
    out.begin("asystole", 15, 50)
    assert told(out) == [("asystole", True)]


def test_what_is_turned_off_is_not_told_and_ends(out):
    out.begin("couplet", 10, 20)
    saved = codec.pack(out)
    quiet = {k: v for k, v in default_limits().priorities.items() if k != "couplet"}
    other = Conditions(FS, quiet)
    codec.unpack(other, saved)
    other.expire(30)
    assert told(other) == [("couplet", False)]
    other.begin("couplet", 40, 50)
    assert told(other) == []


def test_a_kind_that_no_row_declares_is_no_silent_one(out):
    with pytest.raises(KeyError, match=r"no row .* declares 'quadrigeminy'"):
        out.begin("quadrigeminy", 10, 20)


def test_ectopy_that_comes_back_is_not_told_again_for_three_minutes(heart):
    def couplet_after(seconds):
        heart.beats("N" * round(seconds / 0.8) + "VV" + "NN", 0.8)

    couplet_after(20)
    couplet_after(90)  # the first ended 30 s ago
    assert len(heart.episodes("couplet")) == 2
    assert heart.raised() == ["couplet"]
    couplet_after(160)
    assert heart.raised() == ["couplet", "couplet"]


def test_what_is_of_high_priority_is_told_every_time(heart):
    for _ in range(2):
        heart.beats("NNNNNN", 0.8).beats("VVVVVV", 0.4).beats("N" * 20, 0.8)
    assert heart.raised().count("vt") == 2


@pytest.mark.parametrize("kind", ["tachycardia", "bradycardia"])
def test_a_rate_of_beats_that_are_not_believed_waits_and_suspends_nothing(out, kind):
    out.doubted_n = 5
    out.begin(kind, 10, 20)
    assert told(out) == []
    assert not out.withheld
    out.doubted_n = None
    out.begin(kind, 10, 40)
    assert told(out) == [(kind, True)]
    out.doubted_n = 50
    out.begin(kind, 10, 60)
    assert kind in out.present, "what was believed when it began goes on"


def test_a_rate_that_is_set_to_high_priority_is_not_kept_back_in_silence(out):
    out.priorities = {**out.priorities, "tachycardia": "high"}
    out.doubted_n = 5
    out.begin("tachycardia", 10, 20)
    assert told(out) == []
    assert out.withheld
