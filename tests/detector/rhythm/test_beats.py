"""Intervals and rates of beats, some of which a hole in the signal may hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rhythm.beats import HIDDEN, KEPT, Beats
from ecg_monitor.core.checkpoint import codec

FS = 250.0


def made(beats: list[tuple[float, str, bool]]) -> Beats:
    """Beats by interval (s), label, and whether the interval is known."""
    found = Beats(FS)
    n = 0.0
    for rr, label, joined in beats:
        n += rr * FS
        found.add(round(n), label, joined=joined)
    return found


def test_an_interval_that_may_hide_a_beat_is_not_known():
    beats = made([(1, "N", True), (1, "N", True), (2, "N", False), (1, "N", True)])
    assert [beats.rr(back) for back in (1, 2, 3, 4)] == [1.0, None, 1.0, None]


def test_the_interval_to_a_beat_that_comes_is_known_unless_one_may_be_hidden():
    beats = made([(1, "N", True), (1, "N", True)])
    assert beats.until(round(2.6 * FS), joined=True) == pytest.approx(0.6)
    assert beats.until(round(2.6 * FS), joined=False) is None
    assert Beats(FS).until(100, joined=True) is None


def test_a_rate_is_of_known_intervals_and_goes_back_for_as_many():
    beats = made([(0.5, "N", i % 3 != 0) if i % 3 else (1.0, "N", False) for i in range(30)])
    assert beats.rate(5) == pytest.approx(120)
    assert beats.rate(30) is None
    assert beats.since(5) == 24


def test_no_interval_beside_an_unknown_beat_is_a_normal_one():
    beats = made([(1.0, label, True) for label in ("N", "N", HIDDEN, "N", "N", "V", "N", "N")])
    assert beats.normal_rr(8) == [1.0, 1.0, 1.0]


@given(
    st.lists(st.tuples(st.floats(0.3, 2), st.sampled_from("NSV"), st.just(True)), max_size=60),
    st.integers(2, 30),
)
def test_without_holes_the_rate_is_that_of_the_last_beats(beats, count):
    found = made(beats)
    if len(found.n) < count:
        assert found.rate(count) is None
    else:
        assert found.rate(count) == 60 * FS * (count - 1) / (found.n[-1] - found.n[-count])
    assert len(found.n) == len(found.labels) == len(found.joined) == min(KEPT, len(beats))


@given(
    st.lists(
        st.one_of(
            st.tuples(st.floats(0.3, 2), st.booleans()),
            st.integers(0, 3),
            st.sampled_from(["clear", "keep_newest", "reload"]),
        ),
        max_size=60,
    )
)
def test_the_newest_interval_is_at_hand_whatever_is_forgotten(story):
    beats, n = Beats(FS), 0
    for what in story:
        if isinstance(what, tuple):
            n += round(what[0] * FS)
            beats.add(n, "N", joined=what[1])
        elif isinstance(what, int):
            beats.keep_until(n - round(what * FS))
        elif what == "reload":
            beats, saved = Beats(FS), codec.pack(beats)
            codec.unpack(beats, saved)
        else:
            getattr(beats, what)()
        assert beats.rr_s == beats.rr()
