"""Delays of the alarm of fibrillation against episodes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.atrial.timing import Timing, bridged, episodes

HOUR_S = 3600.0


def timed(reference, alarms, end_s=HOUR_S) -> Timing:
    timing = Timing()
    timing.add(reference, alarms, end_s)
    return timing


def test_what_interrupts_an_episode_shortly_belongs_to_it():
    marks = [(0.0, "(N"), (100.0, "(AFIB"), (130.0, "(VT"), (132.0, "(AFL"), (200.0, "(N")]
    assert episodes(marks, 500.0) == [(100.0, 200.0)]


def test_an_episode_may_go_on_to_the_end():
    assert episodes([(0.0, "(N"), (100.0, "(AFIB")], 500.0) == [(100.0, 500.0)]


def test_onset_and_end_are_timed():
    timing = timed([(100.0, 400.0)], [(125.0, 412.0)])
    assert (timing.onsets, timing.ends, timing.found, timing.early) == ([25.0], [12.0], 1, 0)
    assert timing.false == 0


def test_an_alarm_that_was_there_before_has_no_delay():
    timing = timed([(100.0, 400.0)], [(80.0, 412.0)])
    assert timing.onsets == [0.0]
    assert timing.as_map()["time_ppv"] == pytest.approx(300 / 332, abs=1e-4)


def test_an_episode_without_alarm_is_missed():
    timing = timed([(100.0, 400.0)], [(500.0, 560.0)])
    assert (timing.timed, timing.found, timing.onsets, timing.false) == (1, 0, [], 1)


def test_an_alarm_that_is_broken_off_does_not_time_the_end():
    timing = timed([(100.0, 400.0)], [(125.0, 300.0)])
    assert (timing.ends, timing.early) == ([], 1)


def test_short_episodes_are_not_timed_and_make_no_alarm_false():
    timing = timed([(100.0, 120.0)], [(110.0, 140.0)])
    assert (timing.timed, timing.false) == (0, 0)


def test_an_onset_close_to_the_episode_before_is_not_timed():
    timing = timed([(100.0, 200.0), (215.0, 400.0)], [(120.0, 410.0)])
    assert (timing.timed, len(timing.onsets), len(timing.ends)) == (2, 1, 1)


def test_the_ends_of_a_record_are_neither_onset_nor_end():
    timing = timed([(0.0, HOUR_S)], [(40.0, HOUR_S)])
    assert (timing.found, timing.onsets, timing.ends, timing.early) == (1, [], [], 0)


def test_false_minutes_are_of_the_time_without_fibrillation():
    figures = timed([(0.0, 1800.0)], [(60.0, 1860.0)]).as_map()
    assert figures["false_min_per_24h"] == pytest.approx(48.0)
    assert figures["time_se"] == pytest.approx(1740 / 1800, abs=1e-4)


def test_no_figure_where_nothing_is_to_be_divided():
    figures = timed([], []).as_map()
    assert (figures["time_se"], figures["time_ppv"], figures["onset_median_s"]) == (None,) * 3
    assert figures["false_min_per_24h"] == 0.0


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 100)), max_size=8))
def test_joined_spans_lie_apart_and_cover_all(pairs):
    spans = [(start, start + length) for start, length in pairs]
    joined = bridged(spans)
    assert all(b[0] - a[1] >= 10.0 for a, b in pairwise(joined))
    assert all(any(a <= start and end <= b for a, b in joined) for start, end in spans)
