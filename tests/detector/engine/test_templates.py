"""Templates: what is alike, whatever its size and offset."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.engine.qrs.templates import learn_shape, likest
from detector.engine.state import LANE, TEMPLATES

CENTRE = 300


def lane_with(*shapes):
    """A lane whose signal holds shapes 200 samples apart, from CENTRE on."""
    lanes = np.zeros(1, LANE)
    for i, shape in enumerate(shapes):
        at = CENTRE + 200 * i - len(shape) // 2
        lanes["wide"][0, at : at + len(shape)] = shape
    return lanes


def narrow(scale=1.0, offset=0.0):
    t = np.arange(-40, 41)
    return scale * np.exp(-0.5 * (t / 3) ** 2) + offset


def wide():
    t = np.arange(-40, 41)
    return np.where(np.abs(t) < 20, np.sin(t / 6.0), 0.0)


def test_there_is_nothing_to_compare_with_at_first():
    correlation, at, which = likest(lane_with(narrow())[0], 0, CENTRE)
    assert (correlation, at, which) == (-1.0, CENTRE, -1)


@settings(deadline=None)  # the first example compiles
@given(scale=st.floats(0.1, 5), offset=st.floats(-3, 3), shift=st.integers(-3, 3))
def test_size_offset_and_small_shifts_do_not_matter(scale, offset, shift):
    lanes = lane_with(narrow(), narrow(scale, offset))
    learn_shape(lanes[0], 0, CENTRE)
    correlation, at, which = likest(lanes[0], 0, CENTRE + 200 + shift)
    assert correlation == pytest.approx(1, abs=1e-3)
    assert (at, which) == (CENTRE + 200, 0)


def test_polarity_matters():
    lanes = lane_with(narrow(), narrow(-1.0))
    learn_shape(lanes[0], 0, CENTRE)
    assert likest(lanes[0], 0, CENTRE + 200)[0] < 0.5


def test_two_shapes_live_side_by_side_and_a_third_replaces_the_rarer():
    lanes = lane_with(narrow(), wide(), narrow()[::-1] * -1)
    lane = lanes[0]
    for _ in range(3):
        learn_shape(lane, 0, CENTRE)
    learn_shape(lane, 0, CENTRE + 200)
    assert lane["shape_beats"].tolist() == [3, 1, 0, 0]
    assert likest(lane, 0, CENTRE)[2] == 0
    assert likest(lane, 0, CENTRE + 200)[2] == 1
    learn_shape(lane, 0, CENTRE + 400)
    assert lane["shape_beats"].tolist() == [3, 1, 0, 0]
    assert likest(lane, 0, CENTRE)[0] > 0.99
    assert likest(lane, 0, CENTRE + 400)[0] > 0.99
    assert likest(lane, 0, CENTRE + 200)[0] < 0.9


def test_a_flat_stretch_is_like_nothing_and_teaches_nothing():
    lanes = lane_with(narrow())
    learn_shape(lanes[0], TEMPLATES, CENTRE + 300)
    assert not lanes["shapes"].any()
    learn_shape(lanes[0], 0, CENTRE)
    assert likest(lanes[0], 0, CENTRE + 300)[0] == -1.0
