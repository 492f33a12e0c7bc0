"""Shapes of ventricular beats."""

import numpy as np
import pytest

from detector.rhythm.waveform.shapes import AFTER, BEFORE, ONCE_WITHIN, SHIFT, Shapes
from ecg_monitor.core.checkpoint import codec

N = BEFORE + AFTER
AT = np.arange(N) - BEFORE


def upright(lag: int = 0) -> np.ndarray:
    return np.array([np.exp(-(((AT - lag) / 12) ** 2))])


def downward() -> np.ndarray:
    return -upright()


def feed(shapes: Shapes, *complexes: np.ndarray, normal: int = 3) -> Shapes:
    for one in complexes:
        shapes.beats += 1 + normal
        shapes.take(one)
    return shapes


def test_one_shape_is_uniform_wherever_its_r_peak_was_found():
    shapes = feed(Shapes(), *(upright(lag) for lag in (0, SHIFT // 2, -SHIFT // 2, 0)))
    assert shapes.prevailing == 1


def test_two_shapes_that_come_twice_are_multiform():
    shapes = feed(Shapes(), upright(), downward(), upright())
    assert shapes.prevailing == 1
    assert feed(shapes, downward()).prevailing == 2


def test_a_fusion_beat_is_no_shape_of_its_own():
    between = upright(-8) + 0.75 * upright(20)
    shapes = feed(Shapes(), upright(), upright(), between, between)
    assert shapes.prevailing == 1


def test_a_shape_that_is_seen_no_more_is_forgotten():
    shapes = feed(Shapes(), upright(), downward(), upright(), downward())
    shapes.beats += ONCE_WITHIN
    assert shapes.prevailing == 0


@pytest.mark.parametrize("forget", [True, False])
def test_it_goes_on_from_a_checkpoint(forget):
    shapes, again = feed(Shapes(), upright(), downward(), upright()), Shapes()
    codec.unpack(again, codec.pack(shapes))
    if forget:
        again.forget()
    assert feed(again, downward()).prevailing == (0 if forget else 2)


def test_many_shapes_take_bounded_room():
    rng = np.random.default_rng(1)
    shapes = feed(Shapes(), *(rng.normal(size=(2, N)) for _ in range(20)))
    assert len(shapes.known) == 4
