"""Joining leads, correcting QT, taking ST levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.delineation.intervals import earliest, intervals, latest, st_levels
from detector.delineation.waves import P_ON, QRS_OFF, QRS_ON, T_OFF

NAN = float("nan")


def rule(*values: float, trust: tuple[float, ...] | None = None) -> float:
    return earliest(np.array(values), np.array(trust or (1.0,) * len(values)), 3.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((100,), 100),
        ((100, NAN), 100),
        ((100, 102), 100),
        ((90, 100, 102), 100),
        ((90, 92, 100, 101, 102, 103, 104), 100),
        ((90, 92, 93, 101, 102, 103, 104), 90),
    ],
)
def test_an_onset_counts_if_other_leads_confirm_it(values, expected):
    assert rule(*values) == expected


def test_the_lead_that_is_trusted_decides_where_none_confirms():
    assert rule(90, 100, trust=(0.2, 1.5)) == 100
    assert rule(90, 100, trust=(1.5, 0.2)) == 90
    assert np.isnan(rule(NAN, NAN))


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12))
def test_ends_mirror_onsets(values):
    array, trust = np.array(values, np.float64), np.arange(len(values), dtype=np.float64)
    assert latest(array, trust, 3.0) == -earliest(-array, trust, 3.0)
    assert latest(array, trust, 3.0) in values


def marks(**at: float) -> np.ndarray:
    rows = np.full((1, 8), NAN)
    for name, value in at.items():
        rows[0, {"p": P_ON, "on": QRS_ON, "off": QRS_OFF, "t": T_OFF}[name]] = value
    return rows


def test_qt_is_corrected_by_both_formulae():
    told = intervals(
        marks(p=86, on=126, off=150, t=226), np.zeros((1, 352)), np.array([[1.0, 20.0]]), 200.0
    )
    assert told is not None
    assert (told.qrs_ms, told.pr_ms, told.qt_ms) == (96.0, 160.0, 400.0)
    assert told.qtc_ms == pytest.approx(400 / 0.8 ** (1 / 3), abs=0.05)
    assert told.qtc_bazett_ms == pytest.approx(400 / 0.8**0.5, abs=0.05)


def test_what_is_not_known_is_not_told():
    one = np.array([[1.0, 0.0]])
    told = intervals(marks(on=126, off=150), np.zeros((1, 352)), one, NAN)
    assert told is not None
    assert (told.pr_ms, told.qt_ms, told.qtc_ms) == (None, None, None)
    assert intervals(marks(), np.zeros((1, 352)), one, 200.0) is None


def test_st_is_held_against_the_level_ahead_of_the_qrs_complex():
    beat = np.zeros(352)
    beat[:126] = 0.4
    beat[150:] = 0.6
    assert st_levels(np.stack([beat, -beat]), 126, 150) == pytest.approx([0.2, -0.2])
