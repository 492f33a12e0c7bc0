"""Peaked T waves are not counted; ventricular beats that come as regularly are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.support.cycles import Cycle, even, signal_of
from tests.support.engine import run_engine

SECONDS = 20.0


@settings(deadline=None, max_examples=10)
@given(
    bpm=st.floats(45, 75),
    t_mv=st.floats(0.7, 1.4),
    t_s=st.floats(0.067, 0.1),
    r_to_t_s=st.floats(0.32, 0.4),
    fs=st.sampled_from([128.0, 250.0, 360.0, 500.0]),
    second=st.sampled_from([None, 0.7, -0.5]),
)
@example(bpm=60, t_mv=1.0, t_s=0.084, r_to_t_s=0.34, fs=250.0, second=None)
@example(bpm=60, t_mv=0.7, t_s=0.084, r_to_t_s=0.34, fs=250.0, second=None)
@example(bpm=75, t_mv=0.9, t_s=0.084, r_to_t_s=0.34, fs=250.0, second=None)
@example(bpm=50, t_mv=0.9, t_s=0.1, r_to_t_s=0.4, fs=250.0, second=None)
@example(bpm=60, t_mv=1.4, t_s=0.1, r_to_t_s=0.34, fs=250.0, second=None)
@example(bpm=45, t_mv=1.3, t_s=0.1, r_to_t_s=0.36, fs=250.0, second=None)
@example(bpm=60, t_mv=1.0, t_s=0.084, r_to_t_s=0.34, fs=250.0, second=0.7)
def test_a_peaked_t_wave_is_no_beat(
    bpm: float, t_mv: float, t_s: float, r_to_t_s: float, fs: float, second: float | None
) -> None:
    assume(t_mv <= 16 * t_s)  # steeper than that, ectopic beats of bigeminy look the same
    true = even(bpm, SECONDS)
    cycle = Cycle(t_mv=t_mv, t_s=t_s, r_to_t_s=r_to_t_s)
    mv = signal_of(true, fs, SECONDS, cycle)
    found = run_engine(mv if second is None else np.stack([mv, second * mv]), fs)
    assert len(found.misses(true)) <= 1
    assert len(found.inventions(true)) <= 1


@pytest.mark.parametrize("coupling_s", [0.36, 0.42, 0.48])
def test_ventricular_bigeminy_is_counted(coupling_s: float) -> None:
    normal = even(50, SECONDS)
    ectopic = normal + coupling_s
    wide = Cycle(r_mv=1.4, r_s=0.06, p_mv=0.0, t_mv=-0.5, t_s=0.15, q=0.0, s=-0.4)
    mv = signal_of(normal, 250.0, SECONDS, Cycle(t_mv=0.15)) + signal_of(
        ectopic, 250.0, SECONDS, wide
    )
    found = run_engine(mv, 250.0)
    assert len(found.misses(normal)) <= 1
    assert len(found.misses(ectopic)) <= 1


@settings(deadline=None, max_examples=6)
@given(
    height_mv=st.sampled_from([15.0, 30.0]),
    at_s=st.floats(0.1, 1.8),
    lasts_s=st.floats(0.02, 0.3),
)
@example(height_mv=30.0, at_s=0.5, lasts_s=0.2)
def test_a_first_glitch_does_not_set_the_scale(
    height_mv: float, at_s: float, lasts_s: float
) -> None:
    """The beats after it are found, with at most one missed: no asystole could be told."""
    fs = 250.0
    true = even(70, 12.0)
    mv = signal_of(true, fs, 12.0)
    mv[round(at_s * fs) : round((at_s + lasts_s) * fs)] += height_mv
    found = run_engine(mv, fs)
    later = true[true > at_s + 2.0]
    assert len(found.misses(later)) <= 1
