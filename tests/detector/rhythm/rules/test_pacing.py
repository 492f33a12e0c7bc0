"""Paced rhythm, pulses that do not capture, pulses that stay away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.limits.model import PacingLimits, default_limits

FS = 360.0
RR_S = 60 / 70
AHEAD_S = 0.06


class PacedHeart:
    """A heart with a pacemaker: its beats and ticks come as of `conftest.Heart`."""

    def __init__(self, heart) -> None:
        self.heart = heart

    def paced(self, beats: int, rr_s: float = RR_S, ahead_s: float = AHEAD_S) -> PacedHeart:
        """Beats that pulses bring."""
        for _ in range(beats):
            self.pulse(self.heart.at_s + rr_s - ahead_s)
            self.heart.beat("Q", rr_s)
        return self

    def lost(self, pulses: int, rr_s: float = RR_S) -> PacedHeart:
        """Pulses that nothing follows."""
        for _ in range(pulses):
            self.pulse(self.heart.at_s + rr_s - AHEAD_S)
            self.heart.silence(rr_s)
        return self

    def pulse(self, at_s: float) -> None:
        self.heart.rules.on_pulses([round(at_s * FS)])

    @property
    def pacer_alarms(self) -> list[tuple[str, bool]]:
        return [
            (e.kind, e.present)
            for e in self.heart.events
            if isinstance(e, Alarm) and e.kind.startswith("pacer")
        ]


@pytest.fixture
def paced_heart(heart) -> PacedHeart:
    return PacedHeart(heart)


@pytest.fixture
def paced_heart_with(heart_with: Callable) -> Callable[..., PacedHeart]:
    """Maker of a heart whose staff says whether it is paced."""

    def make(paced: str) -> PacedHeart:
        limits = replace(default_limits(), pacing=PacingLimits(paced, 1.75))
        return PacedHeart(heart_with(limits))

    return make


@pytest.mark.parametrize("ahead_s", [AHEAD_S, 0.22], ids=["ventricular", "atrial"])
def test_a_paced_rhythm_is_told_with_its_onset_and_end(paced_heart, ahead_s):
    heart = paced_heart.heart
    heart.beats("N" * 10, RR_S)
    onset_s = heart.at_s + RR_S
    paced_heart.paced(5, ahead_s=ahead_s)
    assert heart.rules.rhythm is None
    paced_heart.paced(5, ahead_s=ahead_s)
    assert heart.rules.rhythm == "paced"
    last_s = heart.at_s
    heart.beats("N" * 8, RR_S)
    assert heart.rules.rhythm is None
    assert heart.episodes("paced") == [(round(onset_s, 2), pytest.approx(last_s, abs=0.01))]
    assert heart.raised() == []


def test_one_beat_of_another_kind_does_not_end_a_paced_rhythm(paced_heart):
    paced_heart.paced(10)
    paced_heart.heart.beats("V", 0.6)
    paced_heart.paced(10)
    assert paced_heart.heart.rules.rhythm == "paced"
    assert paced_heart.heart.episodes("paced") == []


def test_loss_of_capture_is_told_while_the_heart_is_silent(paced_heart):
    paced_heart.paced(10)
    last = round(paced_heart.heart.at_s * FS)
    paced_heart.lost(3)
    (alarm,) = paced_heart.heart.alarms("pacer_not_capture")
    assert alarm.priority == "medium"
    assert alarm.n == pytest.approx(last + (RR_S - AHEAD_S) * FS, abs=1)  # the pulse that was lost
    assert (alarm.decided_n - last) / FS <= 1.75 * RR_S + 0.35 + 0.5
    assert alarm.limit == pytest.approx(1.75 * RR_S, abs=0.002)
    assert alarm.value >= alarm.limit


def test_a_single_beat_that_is_lost_is_told_with_the_next(paced_heart):
    paced_heart.paced(10).lost(1).paced(5)
    assert paced_heart.heart.raised() == ["pacer_not_capture"]
    ((start, end),) = paced_heart.heart.episodes("pacer_not_capture")
    assert end - start == pytest.approx(RR_S + AHEAD_S, abs=0.01)


def test_every_second_beat_lost_goes_on_being_told(paced_heart):
    paced_heart.paced(10)
    for _ in range(30):
        paced_heart.lost(1).paced(1)
    assert paced_heart.pacer_alarms == [("pacer_not_capture", True)]
    assert len(paced_heart.heart.episodes("pacer_not_capture")) == 30


def test_it_ends_a_minute_after_the_last_beat_was_lost(paced_heart):
    paced_heart.paced(10).lost(1).paced(round(65 / RR_S))
    assert paced_heart.pacer_alarms == [("pacer_not_capture", True), ("pacer_not_capture", False)]


def test_failure_to_pace_is_told_while_the_heart_is_silent(paced_heart):
    paced_heart.paced(10)
    last = round(paced_heart.heart.at_s * FS)
    paced_heart.heart.silence(3.0)
    (alarm,) = paced_heart.heart.alarms("pacer_not_pacing")
    assert (alarm.priority, alarm.n) == ("medium", last)
    assert (alarm.decided_n - last) / FS <= 1.75 * RR_S + 0.35 + 0.5
    assert paced_heart.heart.raised() == ["pacer_not_pacing"]  # which silences the pause


def test_a_pulse_that_came_late_is_told_with_its_beat(paced_heart):
    paced_heart.paced(10).paced(1, rr_s=2 * RR_S).paced(3)
    assert paced_heart.heart.raised() == ["pacer_not_pacing"]


def test_each_failure_is_told_though_the_other_lingers(paced_heart):
    paced_heart.paced(10).lost(1).paced(10)
    paced_heart.heart.silence(2.5)
    assert paced_heart.heart.raised() == ["pacer_not_capture", "pacer_not_pacing"]


def test_asystole_subsumes_both(paced_heart):
    paced_heart.paced(10).lost(8)
    assert paced_heart.heart.raised() == ["pacer_not_capture", "asystole"]
    assert paced_heart.pacer_alarms[-1] == ("pacer_not_capture", False)
    paced_heart.heart.silence(2.0)
    assert paced_heart.heart.raised() == ["pacer_not_capture", "asystole"]


def test_a_pacemaker_may_be_slower_than_the_heart(paced_heart):
    """Fibrillation at 120 with pauses that a pacemaker at 60 ends: nothing fails."""
    paced_heart.paced(10, rr_s=1.0)
    for _ in range(4):
        paced_heart.heart.beats("N" * 12, 0.5)
        paced_heart.paced(1, rr_s=1.0)
    assert paced_heart.pacer_alarms == []


def test_a_failure_is_told_anew_after_an_asystole(paced_heart):
    for _ in range(2):
        paced_heart.paced(20).lost(7).paced(20).lost(2).paced(1)
    kinds = ["pacer_not_capture", "asystole", "extreme_bradycardia", "pacer_not_capture"]
    assert paced_heart.heart.raised() == [*kinds, *kinds[1:]]


def test_the_first_beat_after_a_standstill_may_be_missed(paced_heart):
    paced_heart.paced(10)
    paced_heart.heart.silence(8 * RR_S)
    paced_heart.lost(1).paced(5)  # a beat that was not found
    assert "pacer_not_capture" not in paced_heart.heart.raised()
    assert len(paced_heart.heart.episodes("pacer_not_pacing")) == 1


def test_pulses_in_the_refractory_time_count_as_nothing(paced_heart):
    paced_heart.paced(10)
    for _ in range(10):
        paced_heart.pulse(paced_heart.heart.at_s + 0.2)
        paced_heart.heart.beats("N", RR_S)
    assert paced_heart.pacer_alarms == []


def test_without_a_pacemaker_silence_is_a_pause(heart):
    heart.beats("N" * 10, RR_S).silence(3.5)
    assert heart.raised() == ["pause"]


def test_a_patient_who_is_said_to_have_none_has_no_pacer_alarms(paced_heart_with):
    paced_heart = paced_heart_with("no").paced(10).lost(4)
    assert paced_heart.pacer_alarms == []
    assert paced_heart.heart.rules.rhythm is None


def test_a_patient_who_is_said_to_be_paced_is_so_from_the_first_beat(paced_heart_with):
    said = paced_heart_with("yes")
    said.heart.beats("N" * 10, RR_S)
    rules, at_s = said.heart.rules, said.heart.at_s
    for i in range(1, 5):  # as of a device that looks for pulses
        rules.on_tick(round((at_s + i / 2) * FS), i / 2, 0, looked_for=True)
    assert "pacer_not_pacing" in rules.moment.out.present
    auto = paced_heart_with("auto")
    auto.heart.beats("N" * 10, RR_S).silence(2.5)
    assert auto.pacer_alarms == []


def test_a_silence_in_which_the_baseline_jumped_proves_nothing(paced_heart):
    paced_heart.paced(10)
    paced_heart.heart.shake().silence(2.5)
    assert paced_heart.pacer_alarms == []


def test_it_goes_on_from_a_checkpoint(paced_heart):
    paced_heart.paced(10)
    paced_heart.heart.reload()
    paced_heart.lost(3)
    assert paced_heart.heart.raised() == ["pacer_not_capture"]


def test_a_gap_ends_the_rhythm_but_the_pacemaker_stays_known(paced_heart):
    paced_heart.paced(10)
    paced_heart.heart.end()
    assert len(paced_heart.heart.episodes("paced")) == 1
    paced_heart.heart.beats("N" * 5, RR_S).silence(2.5)
    assert paced_heart.heart.raised() == ["pacer_not_pacing"]
