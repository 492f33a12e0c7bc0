"""The running RR context: means of the last ten intervals and of five minutes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.checkpoint import codec
from models.autoencoder.intervals import BUCKET_S, BUCKETS, Intervals


def feed(intervals: Intervals, rr: list[float], start_s: float = 0.0) -> tuple[float, ...]:
    at_s = start_s
    row: tuple[float, ...] = ()
    for value in rr:
        at_s += value
        row = intervals.add(at_s, value, None)
    return row


def test_nothing_is_known_of_the_first_beat():
    assert all(math.isnan(value) for value in Intervals().add(0.5, None, None))


@given(st.lists(st.floats(0.3, 2.0), min_size=1, max_size=200))
def test_means_are_those_of_the_intervals(rr):
    last, following, mean10, mean300 = feed(Intervals(), rr)
    assert last == rr[-1]
    assert math.isnan(following)
    assert mean10 == pytest.approx(sum(rr[-10:]) / len(rr[-10:]))
    if sum(rr) < BUCKET_S * (BUCKETS - 1):
        assert mean300 == pytest.approx(sum(rr) / len(rr))


def test_what_is_older_than_five_minutes_is_forgotten():
    intervals = Intervals()
    feed(intervals, [1.0] * 100)
    *_, mean300 = feed(intervals, [0.5] * 620, start_s=100.0)
    assert mean300 == pytest.approx(0.5)
    assert len(intervals.buckets) <= BUCKETS


def test_a_pause_does_not_spoil_the_means():
    *_, mean10, mean300 = feed(Intervals(), [0.8] * 20 + [9.0])
    assert [mean10, mean300] == pytest.approx([0.8, 0.8])


@given(st.lists(st.floats(0.3, 2.0), min_size=1, max_size=60), st.integers(0, 60))
def test_it_goes_on_from_a_checkpoint(rr, cut):
    whole = feed(Intervals(), rr)
    first = Intervals()
    feed(first, rr[:cut])
    second = Intervals()
    codec.unpack(second, codec.pack(first))
    if rest := rr[cut:]:
        assert feed(second, rest, start_s=sum(rr[:cut])) == pytest.approx(whole, nan_ok=True)


@given(st.lists(st.floats(0.3, 2.9), min_size=1, max_size=400), st.integers(0, 399))
def test_the_mean_is_to_the_bit_that_of_all_buckets_also_after_a_restart(rr, restart):
    intervals, at_s = Intervals(), 0.0
    for number, value in enumerate(rr):
        at_s += value
        *_, mean300 = intervals.add(at_s, value, None)
        total = sum(bucket[1] for bucket in intervals.buckets)
        assert mean300 == total / sum(bucket[2] for bucket in intervals.buckets)
        if number == restart:
            saved = codec.pack(intervals)
            intervals = Intervals()
            codec.unpack(intervals, saved)
