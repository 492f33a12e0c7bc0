"""The smoothed slope: of lines exact, of symmetric waves zero at their peak."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.delineation.slopes import slopes


def slope_of(signal: np.ndarray, scale: int) -> np.ndarray:
    out = np.empty(len(signal))
    slopes(np.asarray(signal, np.float64), scale, out)
    return out


@pytest.mark.parametrize("scale", [2, 3, 4])
@settings(deadline=None)
@given(rise=st.floats(-1, 1), level=st.floats(-5, 5))
def test_a_line_has_its_own_slope(scale, rise, level):
    inner = slope_of(level + rise * np.arange(100.0), scale)[20:-20]
    assert inner == pytest.approx(np.full(60, rise * 2 ** (scale - 1)), abs=1e-9)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_peak_stays_where_it_is(scale):
    wave = np.exp(-0.5 * ((np.arange(200) - 100) / 8.0) ** 2)
    out = slope_of(wave, scale)
    assert out[100] == pytest.approx(0.0, abs=1e-12)
    assert out[:100].min() >= 0.0
    assert out[101:].max() <= 0.0


def test_the_signal_itself_is_left_alone():
    signal = np.arange(50.0)
    slope_of(signal, 4)
    assert signal.tolist() == list(range(50))
