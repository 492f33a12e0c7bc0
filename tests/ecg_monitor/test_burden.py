"""Burden of atrial fibrillation."""

import pytest

from ecg_monitor.burden import burden
from ecg_monitor.types import Alarm, Episode


def alarm(n: int, *, present: bool, kind: str = "af") -> Alarm:
    return Alarm(kind, "low", n, n + 40, present)


def test_episodes_count_within_the_stretch():
    events = [Episode("af", 50, 150), Episode("vt", 200, 300), Episode("af", 900, 2000)]
    assert burden(events, 100, 1100) == pytest.approx(0.25)
    assert burden(events, 100, 1100, kind="vt") == pytest.approx(0.1)


def test_one_that_goes_on_counts_until_now():
    assert burden([alarm(600, present=True)], 0, 1000) == pytest.approx(0.4)


def test_one_that_is_over_counts_once():
    events = [alarm(600, present=True), Episode("af", 600, 700), alarm(600, present=False)]
    assert burden(events, 0, 1000) == pytest.approx(0.1)


def test_a_repeated_episode_counts_once():
    assert burden([Episode("af", 0, 500)] * 2, 0, 1000) == pytest.approx(0.5)


def test_time_without_signal_is_not_monitored():
    events = [Episode("gap", 500, 1000), Episode("af", 0, 250)]
    assert burden(events, 0, 1000) == pytest.approx(0.5)


def test_nothing_is_known_of_no_time():
    assert burden([], 100, 100) is None
    assert burden([Episode("gap", 0, 1000)], 0, 1000) is None
