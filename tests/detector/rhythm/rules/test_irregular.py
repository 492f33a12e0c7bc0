"""Atrial fibrillation from RR intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rhythm.alarms import AlarmRules
from detector.rhythm.rules.irregular import (
    REGULAR,
    SHORT,
    WINDOW,
    IrregularRules,
    lately,
    measures,
    of_intervals,
    probability,
    surprise,
)
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.limits.model import default_limits

FS = 360.0
LAG_S = 0.3


def irregular(count: int, seed: int = 1) -> np.ndarray:
    """RR intervals without order, as in atrial fibrillation."""
    return np.clip(np.random.default_rng(seed).normal(0.65, 0.14, count), 0.35, 1.2)


def play(heart, intervals, label: str = "N") -> None:
    for rr in intervals:
        heart.beats(label, float(rr))


def test_onset_end_and_episode(heart):
    play(heart, np.full(150, 0.8))
    play(heart, irregular(300))
    play(heart, np.full(150, 0.8))
    heart.end()
    begun = [a for a in heart.alarms("af") if a.present]
    assert len(begun) == 1
    ((start, end),) = heart.episodes("af")
    middle_s = 0.65 * SHORT / 2
    assert start == pytest.approx(120, abs=middle_s)
    assert end == pytest.approx(120 + irregular(300).sum(), abs=middle_s + 2)


@pytest.mark.parametrize("sinus_s", [0.6, 0.8, 1.0])
def test_the_alarm_ends_soon_after_fibrillation(heart, sinus_s):
    sinus = sinus_s + np.random.default_rng(5).normal(0, 0.02, 150)
    play(heart, sinus)
    play(heart, irregular(300))
    over_s = heart.at_s
    play(heart, sinus)
    (cleared,) = [one.decided_n / FS for one in heart.alarms("af") if not one.present]
    assert over_s < cleared < over_s + 16 * sinus_s + 2


def test_fibrillation_that_was_there_at_the_start_and_goes_on_to_the_end(heart):
    play(heart, irregular(200))
    heart.end()
    ((start, end),) = heart.episodes("af")
    assert start < 2.0
    assert end == pytest.approx(heart.at_s, abs=0.1)


@pytest.mark.parametrize("label_pvcs", [True, False])
def test_bigeminy_and_pvcs_do_not_fool_it(heart, label_pvcs):
    for i in range(200):
        heart.beats("N", 1.0 if i else 0.8)
        heart.beats("V" if label_pvcs else "N", 0.55)
    assert "af" not in heart.raised()


def test_random_pvcs_do_not_fool_it(heart):
    chance = np.random.default_rng(3)
    for _ in range(300):
        if chance.random() < 0.2:
            heart.beats("V", 0.5)
            heart.beats("N", 1.1)
        else:
            heart.beats("N", 0.8 + chance.normal(0, 0.02))
    assert "af" not in heart.raised()


def test_breathing_does_not_fool_it(heart):
    play(heart, 0.9 + 0.08 * np.sin(2 * np.pi * np.arange(300) / 5))
    assert "af" not in heart.raised()


def test_breathing_that_changes_from_breath_to_breath_does_not_fool_it(heart):
    """The sinus arrhythmia of a healthy heart at rest, deep enough to be told by its spread."""
    chance = np.random.default_rng(0)
    phase = np.cumsum(1 / 4.3 + chance.normal(0, 0.03, 600))
    play(heart, 0.95 + 0.15 * np.sin(2 * np.pi * phase) + chance.normal(0, 0.025, 600))
    assert "af" not in heart.raised()


def conducted(ratios) -> np.ndarray:
    """RR intervals of flutter, 300 waves a minute, conducted as said."""
    return 0.2 * np.asarray(ratios) + np.random.default_rng(7).normal(0, 0.005, len(ratios))


@pytest.mark.parametrize("ratios", [[2, 4], [3], [2, 2, 4], [2, 3, 4]])
def test_flutter_conducted_in_turn_is_not_told(heart, ratios):
    play(heart, conducted(ratios * (400 // len(ratios))))
    assert heart.raised().count("af") == 0


def test_flutter_conducted_at_random_is_told_as_fibrillation_by_its_intervals(heart):
    play(heart, conducted(np.random.default_rng(0).integers(2, 5, 400)))
    assert "af" in heart.raised()


def test_wenckebach_conduction_does_not_fool_it(heart):
    play(heart, np.tile([0.42, 0.38, 0.36, 0.60], 100))
    assert "af" not in heart.raised()


def waves(heart, regular: float, beats: int) -> None:
    """Fibrillation with a measurement of its atrial waves every 10 beats."""
    for i, rr in enumerate(irregular(beats, seed=beats)):
        heart.beats("N", float(rr))
        if i % 10 == 9 and heart.rules.irregular.irregular is not None:
            rules, now = heart.rules, round((heart.at_s + LAG_S) * FS)
            rules.irregular.on_waves(regular, now, rules.moment.out)
            heart.events += rules.moment.out.take()


def told(heart) -> list[tuple[str, bool]]:
    kinds = {"af", "atrial_flutter"}
    return [(e.kind, e.present) for e in heart.events if isinstance(e, Alarm) and e.kind in kinds]


def test_regular_waves_make_it_flutter_from_its_beginning(heart):
    waves(heart, 0.8, 200)
    heart.end()
    assert told(heart)[-2:] == [("atrial_flutter", True), ("atrial_flutter", False)]
    ((start, end),) = heart.episodes("atrial_flutter")
    assert start < 2.0
    assert end == pytest.approx(heart.at_s, abs=0.1)
    assert heart.episodes("af") == []


def test_waves_that_fall_out_of_step_turn_it_into_fibrillation(heart):
    waves(heart, 0.8, 200)
    turned_s = heart.at_s
    waves(heart, 0.2, 200)
    heart.reload()
    waves(heart, 0.2, 50)
    heart.end()
    assert [kind for kind, present in told(heart) if present][-2:] == ["atrial_flutter", "af"]
    ((_, flutter_ends),) = heart.episodes("atrial_flutter")
    ((af_begins, _),) = heart.episodes("af")
    assert flutter_ends == af_begins == pytest.approx(turned_s, abs=20)


def test_what_lies_between_the_limits_changes_nothing(heart):
    waves(heart, 0.58, 200)
    assert {kind for kind, _ in told(heart)} == {"af"}
    waves(heart, 0.8, 200)
    waves(heart, 0.58, 200)
    assert told(heart)[-1] == ("atrial_flutter", True)


def test_short_fibrillation_is_not_told(heart):
    play(heart, np.full(100, 0.8))
    play(heart, irregular(16))
    play(heart, np.full(100, 0.8))
    assert heart.episodes("af") == []


def test_no_beat_is_premature_to_fibrillation_or_flutter(heart):
    play(heart, np.full(100, 0.8))
    assert heart.rules.irregular.rhythm is None
    assert heart.rules.irregular.called("S") == "S"
    waves(heart, 0.2, 100)
    assert heart.rules.irregular.rhythm == "af"
    assert [heart.rules.irregular.called(label) for label in "NSVFQ"] == ["N", "N", "V", "F", "Q"]
    waves(heart, 0.8, 100)
    assert heart.rules.irregular.rhythm == "atrial_flutter"
    heart.reload()
    assert heart.rules.irregular.called("S") == "N"
    play(heart, np.full(100, 0.8))
    assert heart.rules.irregular.called("S") == "S"


def test_no_beat_is_premature_that_comes_later_than_others_in_intervals_without_order(heart):
    play(heart, np.full(100, 0.8))
    play(heart, irregular(SHORT))
    heart.reload()
    rules = heart.rules.irregular
    assert rules.rhythm is None
    earliest = min(rules.rr[-SHORT:])
    assert [rules.called(label, 1.3 * earliest) for label in "NSVFQ"] == ["N", "N", "V", "F", "Q"]
    assert rules.called("S", 1.05 * earliest) == "S"
    assert rules.called("S") == "S", "its interval is not known"


@pytest.mark.parametrize(
    "intervals", [irregular(SHORT - 1), [0.4, 1.2, 0.8, 0.8, 0.8, 0.8] * 3], ids=["few", "in order"]
)
def test_beats_stay_premature_where_order_is_not_known_to_lack(heart, intervals):
    """After a beat at 0.4 s one at 0.6 s is no less premature, if most intervals are alike."""
    play(heart, intervals)
    assert heart.rules.irregular.called("S", 0.6) == "S"


def test_premature_beats_in_fibrillation_make_no_run(heart):
    play(heart, irregular(150))
    assert "af" in heart.raised()
    heart.beats("SSSS", 0.45)
    play(heart, irregular(20))
    heart.end()
    assert heart.episodes("pac_run") == []


@pytest.mark.parametrize(("repeats", "called"), [(0.15, "N"), (0.25, "S")])
def test_what_looks_like_p_waves_leaves_beats_premature(repeats, called):
    rules, moment = IrregularRules(default_limits().af), AlarmRules(FS).moment
    for n in np.cumsum(irregular(200, seed=2)):
        moment.n = round(n * FS)
        moment.beats.add(moment.n, "N")
        rules.on_beat(moment)
    assert rules.called("S") == "N"
    moment.n, moment.repeats = moment.n + 200, repeats
    moment.beats.add(moment.n, "N")
    rules.on_beat(moment)
    assert rules.onset is not None
    assert rules.called("S") == called
    again = IrregularRules(default_limits().af)
    codec.unpack(again, codec.pack(rules))
    assert again.called("S") == called


def test_measures_of_a_regular_rhythm_are_low():
    regular, disordered = measures(np.full(WINDOW, 0.8), 0.0), measures(irregular(WINDOW), 0.0)
    assert regular[:2] < disordered[:2]
    assert probability(np.full(WINDOW, 0.8), 0.0) < 0.02
    assert probability(irregular(WINDOW), 0.0) > default_limits().af.on


@pytest.mark.parametrize("rr_s", [0.3, 0.4, 0.8, 1.5])
def test_a_regular_rhythm_needs_no_p_waves(rr_s):
    """Junctional, paced and ventricular rhythms have none."""
    assert probability(np.full(WINDOW, rr_s), 0.0) < default_limits().af.off


def test_p_waves_speak_against_fibrillation():
    assert probability(irregular(WINDOW), 0.5) < default_limits().af.on
    assert probability(irregular(WINDOW), 0.8) < 0.5


def test_single_outliers_are_trimmed():
    rr = np.full(WINDOW, 0.8)
    rr[20], rr[21] = 0.5, 1.1
    assert probability(rr, 0.0) < 0.05


def test_intervals_and_beats_that_holes_leave_unknown_are_no_fibrillation(heart):
    play(heart, np.full(100, 0.8))
    for i, rr in enumerate(irregular(300)):
        if i % 2:
            heart.hole()
        heart.beats("N", 0.8 if i % 2 == 0 else 0.8 + float(rr))
        heart.beats("?", float(rr)).beats("N", float(rr))
    assert "af" not in heart.raised()


def test_the_newest_intervals_tell_order_from_none():
    assert lately(of_intervals(np.full(SHORT, 0.8))) < REGULAR
    assert lately(of_intervals(irregular(SHORT))) > 0.5


def test_what_two_intervals_foretell_is_no_surprise():
    assert surprise(np.tile([0.55, 1.0], 32)) < 0.01
    assert surprise(0.9 + 0.08 * np.sin(2 * np.pi * np.arange(WINDOW) / 5)) < 0.01
    assert surprise(irregular(WINDOW)) > 0.8
    assert surprise(np.full(WINDOW, 0.8)) == pytest.approx(1.0)


@given(
    st.lists(st.floats(0.2, 3.0), min_size=SHORT, max_size=WINDOW),
    st.floats(0.3, 3.0),
)
def test_surprise_is_a_share_whatever_the_rate(intervals, scale):
    rr = np.array(intervals)
    share = surprise(rr)
    assert 0.0 <= share <= 1.0 + 1e-9
    if rr.std() > 0.01:
        assert surprise(rr * scale) == pytest.approx(share, abs=1e-3)
