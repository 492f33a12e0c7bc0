"""Beats of a fast run count together, where one of them alone is labelled otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from detector.rhythm.alarms import AlarmRules
from detector.rhythm.beats import BeatLikeness
from ecg_monitor.core.types import Alarm, BeatLabel

FS = 360.0
READY_S = 1.42
NORMAL = BeatLikeness(ventricular=0.0, likeness=0.99, repeats=0.99)
VENTRICULAR = BeatLikeness(ventricular=0.97, likeness=0.2, repeats=0.95)
FUSED = BeatLikeness(ventricular=0.3, likeness=0.5, repeats=0.8)
"""A beat that is labelled N though it looks like no normal one."""


class Run:
    """Feeds labelled beats with their looks, and keeps the alarms that begin."""

    def __init__(self) -> None:
        self.rules = AlarmRules(FS)
        self.at_s = 0.0
        self.told: list[Alarm] = []
        self.beats([("N", NORMAL)] * 8, 0.8)

    def beats(self, beats: list[tuple[BeatLabel, BeatLikeness]], rr_s: float) -> Run:
        for label, looks in beats:
            self.at_s += rr_s
            n = round(self.at_s * FS)
            decided = round((self.at_s + READY_S) * FS)
            events = self.rules.on_beat(n, decided, label, looks=looks)
            self.told += [e for e in events if isinstance(e, Alarm) and e.present]
        return self

    @property
    def kinds(self) -> list[str]:
        return [alarm.kind for alarm in self.told]


V: tuple[BeatLabel, BeatLikeness] = ("V", VENTRICULAR)


@pytest.mark.parametrize("place", range(5))
def test_one_beat_that_is_unlike_normal_ones_counts_by_the_run(place):
    beats = [V] * 5
    beats[place] = ("N", FUSED)
    run = Run().beats(beats, 0.4).beats([("N", NORMAL)] * 3, 0.8)
    (alarm,) = (one for one in run.told if one.kind == "vt")
    assert alarm.n / FS == pytest.approx(8 * 0.8 + 0.4, abs=0.01)
    # At most 1.5 s after the fifth beat.
    assert (alarm.decided_n - alarm.n) / FS <= 4 * 0.4 + 1.5
    assert alarm.value == pytest.approx(150.0, abs=1.0)


@pytest.mark.parametrize(
    "looks",
    [
        NORMAL,
        FUSED._replace(likeness=0.85),
        FUSED._replace(ventricular=0.004),
        FUSED._replace(repeats=-0.3),
    ],
    ids=["normal", "like normal ones", "V excluded", "like no other"],
)
def test_a_beat_that_does_not_belong_ends_the_run(looks):
    beats: list[tuple[BeatLabel, BeatLikeness]] = [V, V, ("N", looks), V, V]
    if looks.repeats < 0:  # movement: no two complexes are alike
        beats = [(label, one._replace(repeats=-0.3)) for label, one in beats]
    assert "vt" not in Run().beats(beats, 0.4).beats([("N", NORMAL)] * 3, 0.8).kinds


def test_two_of_five_beats_labelled_otherwise_are_no_tachycardia():
    run = Run().beats([V, ("N", FUSED), V, ("N", FUSED), V], 0.4)
    assert "vt" not in run.beats([("N", NORMAL)] * 3, 0.8).kinds


def test_a_run_up_to_the_limit_is_no_tachycardia():
    run = Run().beats([V, V, ("N", FUSED), V, V], 0.61)
    assert "vt" not in run.beats([("N", NORMAL)] * 3, 0.8).kinds


def test_supraventricular_tachycardia_with_aberration_stays_what_it_is():
    """Wide beats in a fast run, of which little speaks for V."""
    aberrant = BeatLikeness(ventricular=0.05, likeness=0.5, repeats=0.97)
    beats: list[Any] = [("S", aberrant)] + [("N", aberrant)] * 20
    run = Run().beats(beats, 0.32)
    assert not {"vt", "ventricular_run", "idioventricular"} & set(run.kinds)
    assert "svt" in run.kinds


def test_the_run_goes_on_over_a_beat_that_counts_and_is_told_once():
    run = Run().beats([V] * 6, 0.4).beats([("N", FUSED)], 0.4).beats([V] * 6, 0.4)
    assert run.kinds.count("vt") == 1
