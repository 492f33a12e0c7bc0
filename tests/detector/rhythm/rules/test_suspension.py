"""Noise suspends the analysis, and says so."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.engine.state import GOOD
from detector.rhythm.alarms import AlarmRules
from detector.rhythm.waveform.quality import measure
from ecg_monitor.core.types import Alarm

FS = 360.0


def test_20_of_30_s_suspend_and_quiet_ends_it(heart):
    heart.beats("N" * 40, 0.8)
    heart.poor = True
    heart.beats("NNNV" * 5, 0.8)
    assert heart.raised() == []
    heart.beats("NVNV" * 5, 0.8)
    assert "noise" in heart.raised()
    (begins,) = heart.alarms("noise")
    assert begins.priority == "technical"
    assert abs((begins.decided_n - begins.n) / 360 - 20) <= 1
    heart.beats("VVVVVV", 0.5)
    assert "vt" not in heart.raised()
    heart.poor = False
    heart.beats("N" * 40, 0.8)
    assert [a.present for a in heart.alarms("noise")] == [True, False]
    heart.beats("VVVVVV", 0.5)
    assert "vt" in heart.raised()


def test_asystole_and_extreme_rates_go_on(heart):
    heart.poor = True
    heart.beats("N" * 40, 0.8).beats("N" * 40, 60 / 170).silence(6)
    told = heart.raised()
    assert told[0] == "noise"
    assert {"extreme_tachycardia", "asystole"} <= set(told)


def test_what_was_present_ends_when_the_analysis_is_suspended(heart):
    heart.beats("NV" * 10, 0.8)
    assert "bigeminy" in heart.raised()
    heart.poor = True
    heart.beats("NV" * 20, 0.8)
    kinds = [(e.kind, e.present) for e in heart.events if isinstance(e, Alarm)]
    assert kinds.index(("noise", True)) < kinds.index(("bigeminy", False))
    assert kinds[-1] == ("bigeminy", False)


def test_beats_that_holes_keep_from_being_classified_limit_the_analysis(heart):
    heart.beats("N" * 40, 0.8).beats("N?N" * 10, 0.8)
    assert "analysis_limited" not in heart.raised()
    heart.beats("N??" * 20, 0.8)
    assert heart.raised()[-1] == "analysis_limited"
    assert heart.alarms("analysis_limited")[0].priority == "technical"
    heart.beats("VVVVVV", 0.5)
    assert "vt" in heart.raised()  # nothing is suspended
    heart.beats("N" * 60, 0.8)
    assert [a.present for a in heart.alarms("analysis_limited")] == [True, False]


def test_intervals_that_may_hide_beats_limit_the_analysis(heart):
    for _ in range(60):
        heart.hole().beats("N", 1.6)
    assert "analysis_limited" in heart.raised()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(beats=st.lists(st.tuples(st.booleans(), st.floats(0.3, 1.5)), max_size=200))
def test_without_holes_nothing_limits_the_analysis(heart_with, beats):
    heart = heart_with(None)
    for ventricular, rr_s in beats:
        heart.beats("V" if ventricular else "N", rr_s)
    assert "analysis_limited" not in heart.raised()


def test_gaps_that_keep_coming_limit_the_analysis_and_the_end_of_the_stream_ends_that():
    rules, events = AlarmRules(FS), []
    quiet = np.zeros((1, 250), np.float32)
    for second in range(1, 120):
        n = round(second * FS)
        if second % 4 == 0:
            events += rules.on_stretch_end(n)
            continue
        events += rules.on_tick(n - 180, 0.0, GOOD)
        events += rules.on_second(n, measure(quiet), quiet)
        events += rules.on_tick(n, 0.0, GOOD)
    assert [(e.kind, e.present) for e in events if isinstance(e, Alarm)] == [
        ("analysis_limited", True)
    ]
    assert rules.limited
    (ended,) = rules.on_stretch_end(n, for_good=True)
    assert (ended.kind, ended.present) == ("analysis_limited", False)


def test_one_long_outage_does_not_limit_the_analysis():
    rules, events = AlarmRules(FS), []
    quiet = np.zeros((1, 250), np.float32)
    for second in [*range(1, 60), *range(120, 180)]:
        n = round(second * FS)
        if second == 59:
            events += rules.on_stretch_end(n)
        events += rules.on_tick(n - 180, 0.0, GOOD)
        events += rules.on_second(n, measure(quiet), quiet)
        events += rules.on_tick(n, 0.0, GOOD)
    assert not [e for e in events if isinstance(e, Alarm)]
