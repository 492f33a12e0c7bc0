"""Compiled code is never led to an index by what is no number: it would write beside its arrays."""

import numpy as np
import pytest

from detector.delineation import waves
from detector.rhythm.waveform import fibrillation
from models.beats.features.shape import centre
from models.beats.features.state import WINDOW

NO_NUMBERS = (np.nan, np.inf, -np.inf)


@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize("share", [1.0, 0.01])
def test_fibrillation_is_not_measured_on_it(value, share):
    window = np.random.default_rng(0).normal(0, 1, fibrillation.WINDOW)
    window[: round(share * window.size)] = value
    with np.errstate(invalid="ignore"):
        assert fibrillation.probability(window) == 0.0


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_a_beat_stays_where_it_is(value):
    window = np.full(WINDOW, value, np.float32)
    assert centre(window) == 0


@pytest.mark.parametrize("value", [*NO_NUMBERS, 1e200])
def test_waves_are_looked_for_within_the_signal(value):
    signal = np.zeros(500)
    signal[100:200] = value
    marks = np.empty(len(waves.MARKS))
    waves.delineate(signal, 150, 200, 200, marks)
    found = marks[np.isfinite(marks)]
    assert ((found >= 0) & (found < signal.size)).all()
