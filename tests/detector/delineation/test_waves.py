"""Wave boundaries of beats that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.delineation.waves import (
    MARKS,
    P_OFF,
    P_ON,
    P_PEAK,
    QRS_OFF,
    QRS_ON,
    R_PEAK,
    T_OFF,
    T_PEAK,
    delineate,
)
from detector.engine.state import STRIP_BEFORE

MS = 4.0
RR = 200


def marks_of(signal: np.ndarray, before: int = RR, after: int = RR) -> np.ndarray:
    """Boundaries in ms after the R peak."""
    marks = np.empty(len(MARKS))
    delineate(np.asarray(signal, np.float64), STRIP_BEFORE, before, after, marks)
    return (marks - STRIP_BEFORE) * MS


def test_every_boundary_lies_where_the_wave_ends(strip):
    marks = marks_of(strip())
    expected = {
        P_ON: (-200, 24),
        P_PEAK: (-150, 4),
        P_OFF: (-100, 24),
        QRS_ON: (-40, 12),
        R_PEAK: (0, 4),
        QRS_OFF: (60, 12),
        T_PEAK: (300, 4),
        T_OFF: (400, 30),
    }
    for mark, (ms, within) in expected.items():
        assert marks[mark] == pytest.approx(ms, abs=within), MARKS[mark]


@settings(deadline=None)
@given(gain=st.floats(0.2, 5), level=st.floats(-3, 3), sign=st.sampled_from([-1.0, 1.0]))
def test_neither_size_nor_level_nor_polarity_matters(gain, level, sign):
    t = (np.arange(500) - STRIP_BEFORE) * MS
    beat = np.exp(-0.5 * (t / 12) ** 2) + 0.15 * np.exp(-0.5 * ((t + 150) / 20) ** 2)
    beat += 0.3 * np.exp(-0.5 * ((t - 300) / 40) ** 2)
    assert marks_of(sign * gain * beat + level) == pytest.approx(marks_of(beat), abs=MS + 1e-6)


@pytest.mark.parametrize("offset", range(-10, 11))
def test_another_leads_r_peak_does_not_move_the_boundaries(strip, offset):
    """Leads reach their peaks at different times, and the R peak is located on one of them."""
    beat = strip()
    own, shared = np.empty(len(MARKS)), np.empty(len(MARKS))
    delineate(beat, STRIP_BEFORE, RR, RR, own)
    delineate(beat, STRIP_BEFORE + offset, RR, RR, shared)
    assert shared == pytest.approx(own, abs=1)


def test_a_deep_s_wave_late_in_the_complex_does_not_hide_its_onset():
    """As on V1 when the R peak is located on V5: a small r wave 44 ms before a deep S wave."""
    t = (np.arange(500) - STRIP_BEFORE) * MS
    beat = 0.3 * np.exp(-0.5 * ((t + 44) / 8) ** 2) - 1.5 * np.exp(-0.5 * (t / 12) ** 2)
    marks = np.empty(len(MARKS))
    delineate(beat, STRIP_BEFORE + 8, RR, RR, marks)
    assert (marks[QRS_ON] - STRIP_BEFORE) * MS == pytest.approx(-64, abs=12)


@pytest.mark.parametrize(("part", "missing"), [("p_mv", [P_ON, P_PEAK, P_OFF]), ("t_mv", [T_OFF])])
def test_a_wave_that_is_not_there_is_not_told(strip, part, missing):
    marks = marks_of(strip(**{part: 0.0}))
    assert np.isnan(marks[missing]).all()
    assert not np.isnan(marks[[QRS_ON, QRS_OFF]]).any()


def test_the_next_p_wave_is_no_t_wave(strip):
    beat = strip(t_mv=0.0)
    beat[STRIP_BEFORE + RR - 60 :] = strip()[STRIP_BEFORE - 60 : STRIP_BEFORE - 60 + 210]
    marks = marks_of(beat, after=RR)
    assert np.isnan(marks[T_OFF]) or marks[T_OFF] < (RR - 40) * MS


def test_a_flat_line_and_a_short_one_are_survived():
    assert not np.isnan(marks_of(np.zeros(500))[[QRS_ON, QRS_OFF]]).any()
    marks = np.empty(len(MARKS))
    delineate(np.zeros(200), STRIP_BEFORE, 0, 0, marks)
    assert np.isnan(marks[[P_ON, T_OFF]]).all()
