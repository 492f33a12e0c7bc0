"""Beats judged by one another: made-up beats whose P and T waves are known."""

from collections.abc import Callable

import numpy as np
import pytest

from detector.delineation.series import BLOCK, settle
from detector.delineation.waves import MARKS, P_OFF, P_ON, P_PEAK, QRS_OFF, QRS_ON, T_OFF, delineate
from detector.engine.resample import FS
from detector.engine.state import STRIP, STRIP_BEFORE
from tests.detector.delineation.conftest import bump

RR = 200
BEATS = 10
NOISE_MV = 0.01

Beats = tuple[np.ndarray, np.ndarray, np.ndarray]


def found(strips: np.ndarray, rr: np.ndarray | None = None) -> Beats:
    """R peaks, strips and marks of beats, each lead delineated alone."""
    n, leads = strips.shape[:2]
    gaps = np.full(n, RR) if rr is None else rr
    peaks = 1000 + np.cumsum(gaps)
    noise = np.random.default_rng(3).normal(0.0, NOISE_MV, strips.shape)
    smooth = np.apply_along_axis(lambda one: np.convolve(one, np.ones(5) / 5, "same"), 2, noise)
    strips = strips + smooth
    marks = np.empty((n, leads, len(MARKS)))
    for i in range(n):
        for lead in range(leads):
            after = int(gaps[i + 1]) if i + 1 < n else 0
            delineate(strips[i, lead], STRIP_BEFORE, int(gaps[i]), after, marks[i, lead])
    return peaks, strips, marks


def fibrillation(random: np.random.Generator) -> np.ndarray:
    """Two waves of 5 to 8 Hz that keep no step with the beat, mV."""
    t = np.arange(STRIP) / FS
    phases = random.uniform(0.0, 2 * np.pi, 2)
    return sum(
        0.06 * np.sin(2 * np.pi * hz * t + at) for hz, at in zip((5.3, 7.7), phases, strict=True)
    )


def has_p(marks: np.ndarray) -> np.ndarray:
    return ~np.isnan(marks[:, :, P_PEAK])


@pytest.fixture
def sinus(strip: Callable[..., np.ndarray]) -> Beats:
    return found(np.stack([strip()[None]] * BEATS))


def test_beats_in_sinus_rhythm_stay_as_they_are(sinus):
    peaks, strips, marks = sinus
    assert has_p(marks).all()
    np.testing.assert_array_equal(settle(peaks, strips, marks), marks)


def test_what_one_beat_lacks_its_neighbours_give(sinus):
    peaks, strips, marks = sinus
    whole = marks.copy()
    marks[4, 0, P_ON : P_OFF + 1] = np.nan
    marks[6, 0, -2:] = np.nan
    settled = settle(peaks, strips, marks)
    assert settled[4, 0, P_ON : P_OFF + 1] == pytest.approx(whole[4, 0, P_ON : P_OFF + 1], abs=5)
    assert settled[6, 0, T_OFF] == pytest.approx(whole[6, 0, T_OFF], abs=5)
    assert np.isnan(marks[4, 0, P_PEAK]), "what was given is left alone"
    np.testing.assert_array_equal(
        settled[:, :, QRS_ON : QRS_OFF + 1], marks[:, :, QRS_ON : QRS_OFF + 1]
    )


def test_a_beat_without_a_p_wave_is_given_none(strip):
    beats = np.stack([strip()[None]] * BEATS)
    beats[5, 0] = strip(p_mv=0.0)
    peaks, strips, marks = found(beats)
    marks[5, 0, P_ON : P_OFF + 1] = 60.0, 70.0, 80.0  # noise that passed for one
    assert has_p(settle(peaks, strips, marks))[:, 0].tolist() == [i != 5 for i in range(BEATS)]


def test_waves_of_fibrillation_are_no_p_waves(strip):
    random = np.random.default_rng(2)
    rr = random.integers(140, 260, BEATS)
    beats = np.stack([(strip(p_mv=0.0) + fibrillation(random))[None] for _ in range(BEATS)])
    peaks, strips, marks = found(beats, rr)
    assert has_p(marks).mean() > 0.5, "each beat alone seems to have one"
    assert not has_p(settle(peaks, strips, marks)).any()


def test_waves_of_flutter_are_no_p_waves(strip):
    rr = np.tile([200, 300], BEATS // 2)
    waves = sum(bump(at, 50, 0.15) for at in (-370, -590))
    flutter = np.stack([(strip() + waves)[None]] * BEATS)
    peaks, strips, marks = found(flutter, rr)
    assert has_p(marks).mean() > 0.5
    assert not has_p(settle(peaks, strips, marks)).any()
    bigeminy = found(np.stack([strip()[None]] * BEATS), rr)
    assert has_p(settle(*bigeminy)).all(), "irregular alone is not flutter"


def test_leads_agree_on_p_waves(strip):
    one = np.stack([strip(), strip(), strip(p_mv=0.0), strip(p_mv=0.0)])
    settled = settle(*found(np.stack([one] * BEATS)))
    assert has_p(settled).all(), "two of four leads show them, so all have them"
    assert np.ptp(settled[:, :, P_PEAK], axis=1).max() < 6
    lone = np.stack([strip(), *[strip(p_mv=0.0)] * 5])
    assert not has_p(settle(*found(np.stack([lone] * BEATS)))).any(), "one of six is an accident"


def test_a_lead_that_strays_gives_way(strip):
    peaks, strips, marks = found(np.stack([np.stack([strip()] * 3)] * BEATS))
    true = marks[:, 0, T_OFF].copy()
    marks[:, 2, T_OFF] += 40.0
    assert settle(peaks, strips, marks)[:, 2, T_OFF] == pytest.approx(true, abs=6)


def test_short_and_long_series(strip):
    two = found(np.stack([strip()[None]] * 2))
    two[2][0, 0, P_ON : P_OFF + 1] = np.nan
    np.testing.assert_array_equal(settle(*two), two[2])
    none = settle(np.zeros(0, np.int64), two[1][:0], two[2][:0])
    assert none.shape == (0, 1, len(MARKS))
    halves = [strip()] * BLOCK + [strip(p_mv=0.0)] * BLOCK
    long = found(np.array(halves)[:, None])
    assert has_p(settle(*long))[:, 0].tolist() == [True] * BLOCK + [False] * BLOCK
