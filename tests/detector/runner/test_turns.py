"""Every bed has its turn once in a period, evenly spread, whatever the clock and the beds do."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.runner.turns import LONGEST_TICK_S, TICK_S, Turns, least_tick_s

PERIOD_S = 5.0


def test_beds_switched_on_together_have_their_turns_apart():
    beds = [f"bed-{i}" for i in range(100)]
    turns = Turns(PERIOD_S, 0.0)
    found = [turns.next(beds, 0.1 * (i + 1)) for i in range(100)]
    assert all(1 <= len(one) <= 3 for one in found)
    assert set(Counter(name for one in found for name in one).values()) == {2}


def test_a_long_pause_brings_every_bed_once_and_a_clock_set_back_stops_nothing():
    beds = ["a", "b", "c"]
    turns = Turns(PERIOD_S, 1000.0)
    assert sorted(turns.next(beds, 5000.0)) == beds
    assert turns.next(beds, 5000.0) == []
    assert sorted(turns.next(beds, 10.0)) == beds
    assert len(turns.next(beds, 10.0 + 2 * PERIOD_S / 3)) == 2


@given(
    st.sets(st.sampled_from("abcdefgh"), min_size=1),
    st.lists(st.floats(0.01, 1.0), min_size=1),
)
def test_nobody_waits_longer_than_a_period_and_its_share_of_one(beds, steps):
    turns = Turns(PERIOD_S, 0.0)
    now, since = 0.0, dict.fromkeys(beds, 0.0)
    for passed in steps * 20:
        now += passed
        since.update(dict.fromkeys(turns.next(beds, now), now))
        assert now - min(since.values()) <= PERIOD_S * (1 + 1 / len(beds)) + passed


def test_who_is_gone_costs_nobody_a_turn():
    turns = Turns(PERIOD_S, 0.0)
    many = [f"bed-{i}" for i in range(50)]
    assert len(turns.next(many, PERIOD_S / 10)) == 5
    assert turns.next(["bed-49"], PERIOD_S * 1.1) == ["bed-49"]


def test_of_no_beds_nobody_has_a_turn():
    assert Turns(PERIOD_S, 0.0).next({}, 100.0) == []


def test_ticks_last_longer_with_all_beds_of_the_process():
    assert least_tick_s(0) == TICK_S
    assert least_tick_s(100) == pytest.approx(0.04)
    assert least_tick_s(10_000) == LONGEST_TICK_S
