"""Noise suspends the analysis, and says so."""

from ecg_monitor.core.types import Alarm


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
