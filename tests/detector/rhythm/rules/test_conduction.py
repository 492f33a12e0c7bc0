"""Prolonged intervals and dropped QRS complexes."""

import pytest

from detector.delineation.stream import UNSEEN, PWave
from detector.rhythm.alarms import AlarmRules
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm, Episode, Event, Measurement

FS = 360.0


class Bed:
    """Measurements every ten seconds, or beats."""

    def __init__(self) -> None:
        self.rules = AlarmRules(FS)
        self.at_s = 0.0
        self.events: list[Event] = []

    def measure(
        self, seconds: float, qrs_ms: float = 90.0, pr_ms: float = 160.0, qtc_ms: float = 420.0
    ) -> None:
        for _ in range(round(seconds / 10)):
            self.at_s += 10
            n = round(self.at_s * FS)
            told = Measurement(n, 12, 72.0, {}, qrs_ms, pr_ms, 400.0, qtc_ms, 430.0)
            self.events += self.rules.on_measurement(told, n)

    def beat(self, rr_s: float, p_wave: PWave = UNSEEN, label: str = "N") -> None:
        self.at_s += rr_s
        n = round(self.at_s * FS)
        self.events += self.rules.on_beat(n, n + 500, label, p_wave)

    def alarms(self, kind: str) -> list[bool]:
        return [e.present for e in self.events if isinstance(e, Alarm) and e.kind == kind]

    def reload(self) -> None:
        saved = codec.pack(self.rules)
        self.rules = AlarmRules(FS)
        codec.unpack(self.rules, saved)


@pytest.fixture
def bed() -> Bed:
    return Bed()


def test_a_qrs_complex_that_widens_is_told(bed):
    bed.measure(310)
    bed.measure(60, qrs_ms=136)
    bed.reload()
    assert bed.alarms("qrs_wide") == []
    bed.measure(10, qrs_ms=136)
    bed.measure(10, qrs_ms=90)
    assert bed.alarms("qrs_wide") == [True, False]


def test_the_patients_own_bundle_branch_block_is_not(bed):
    bed.measure(310, qrs_ms=140)
    bed.measure(300, qrs_ms=148)
    assert bed.alarms("qrs_wide") == []


def test_a_long_qt_is_told_after_five_minutes_if_the_qrs_complex_is_narrow(bed):
    bed.measure(600, qrs_ms=140, qtc_ms=540)
    assert bed.alarms("qtc_long") == []
    bed.measure(300, qtc_ms=540)
    assert bed.alarms("qtc_long") == []
    bed.measure(10, qtc_ms=540)
    bed.measure(10, qtc_ms=495)  # not back yet
    assert bed.alarms("qtc_long") == [True]
    bed.measure(10, qtc_ms=470)
    assert bed.alarms("qtc_long") == [True, False]


def test_a_long_pr_interval_is_an_episode(bed):
    bed.measure(100)
    bed.measure(100, pr_ms=240)
    bed.reload()
    bed.measure(20)
    assert bed.events == [Episode("av_block_1", round(110 * FS), round(210 * FS))]


def test_one_that_lasts_to_the_end_of_a_stretch_ends_with_it(bed):
    bed.measure(100, pr_ms=240)
    bed.events += bed.rules.on_stretch_end(round(105 * FS))
    assert bed.events == [Episode("av_block_1", round(10 * FS), round(105 * FS))]


USUAL = PWave(0.95, 1.0, 0.0)
AFTER_DROP = PWave(0.95, 1.0, 0.95)


def cycles(bed: Bed, after: PWave, pause_s: float = 1.6, label: str = "N") -> None:
    for _ in range(3):
        for _ in range(5):
            bed.beat(0.8, USUAL)
        bed.beat(pause_s, after, label)


def test_two_dropped_beats_in_a_minute_are_a_block(bed):
    cycles(bed, AFTER_DROP)
    assert bed.alarms("av_block_2") == [True]


def test_every_second_interval_may_be_a_pause(bed):
    for _ in range(4):
        bed.beat(0.8, USUAL)
        bed.beat(1.6, AFTER_DROP)
    assert bed.alarms("av_block_2") == [True]


def test_beats_in_groups_may_look_premature(bed):
    for _ in range(3):
        for _ in range(3):
            bed.beat(0.9, PWave(0.1, 0.1, 0.0), "S")
        bed.beat(1.5, AFTER_DROP)
    assert bed.alarms("av_block_2") == [True]


CERTAIN = PWave(0.98, 1.0, 0.98)


def pairs(bed: Bed, after: PWave, *, rr_s: float = 0.9, pause_s: float = 1.5) -> None:
    """Every second beat looks premature, and a pause comes after it."""
    for _ in range(4):
        bed.beat(rr_s, PWave(-0.2, 0.1, 0.0), "S")
        bed.beat(pause_s, after)


def test_wenckebach_in_pairs_is_a_block(bed):
    pairs(bed, CERTAIN)
    assert bed.alarms("av_block_2") == [True]


def test_bigeminy_of_pacs_is_none(bed):
    pairs(bed, AFTER_DROP)  # a T wave may be so much like a P wave
    pairs(bed, PWave(0.98, 1.0, 0.4))
    pairs(bed, CERTAIN, rr_s=0.5, pause_s=1.1)  # too long for two PP intervals
    for _ in range(4):  # single PACs, whatever the wave in the pause is like
        for _ in range(3):
            bed.beat(0.9, USUAL)
        bed.beat(0.55, PWave(-0.2, 0.1, 0.0), "S")
        bed.beat(1.05, CERTAIN)
    assert bed.alarms("av_block_2") == []


def test_a_block_is_an_episode(bed):
    cycles(bed, AFTER_DROP)
    bed.reload()
    ends_s = bed.at_s
    for _ in range(100):
        bed.beat(0.8, USUAL)
    (episode,) = [event for event in bed.events if isinstance(event, Episode)]
    first_s = 5 * 0.8 + 1.6
    assert episode == Episode("av_block_2", round(first_s * FS), round(ends_s * FS))


def test_a_premature_beat_is_no_block(bed):
    for _ in range(6):
        bed.beat(0.8, USUAL)
        bed.beat(0.5, PWave(0.1, 0.1, 0.0), "S")
        bed.beat(1.1, AFTER_DROP)
    assert bed.alarms("av_block_2") == []


HALFWAY = PWave(0.95, 1.0, 0.0, 0.95)


def test_two_p_waves_per_beat_are_a_block_after_eight_beats(bed):
    for _ in range(9):
        bed.beat(1.5, HALFWAY)
    bed.reload()
    assert bed.alarms("av_block_2") == []
    for _ in range(2):
        bed.beat(1.5, HALFWAY)
    assert bed.alarms("av_block_2") == [True]


@pytest.mark.parametrize("broken", [USUAL, PWave(0.1, 0.2, 0.0, 0.95)])
def test_a_beat_without_one_begins_the_count_anew(bed, broken):
    for _ in range(4):
        for _ in range(7):
            bed.beat(1.5, HALFWAY)
        bed.beat(1.5, broken)
    assert bed.alarms("av_block_2") == []


@pytest.mark.parametrize(
    ("after", "pause_s", "label"),
    [
        (USUAL, 1.6, "N"),  # a pause without a P wave: of the sinus node
        (PWave(0.1, 0.2, 0.95), 1.6, "N"),  # and an escape beat
        (AFTER_DROP, 1.0, "N"),  # no pause
        (AFTER_DROP, 1.6, "V"),
        (PWave(None, None, 0.95), 1.6, "N"),  # no P wave is known
    ],
)
def test_anything_less_is_none(bed, after, pause_s, label):
    cycles(bed, after, pause_s, label)
    assert bed.alarms("av_block_2") == []
