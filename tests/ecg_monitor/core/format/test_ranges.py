"""Numbers have ranges that physics allows, and voltages within them can be computed with."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.format.ranges import RANGES, scale_problem


@given(
    gain=st.floats(1e-3, 1e6) | st.floats(allow_nan=True),
    baseline=st.floats(-(2**31), 2**31 - 1) | st.floats(allow_nan=True),
)
def test_every_scale_that_is_taken_gives_voltages_that_can_be_computed_with(gain, baseline):
    if scale_problem(gain, baseline) is None:
        for sample in (-32768, 0, 32767):
            mv = np.float32((sample - baseline) / gain)
            with np.errstate(over="raise"):
                assert np.isfinite(mv**4 * np.float32(1000))


def test_ranges_are_told_as_people_write_them():
    assert str(RANGES["n0"]) == "0 .. 2**43-1"
    assert str(RANGES["baseline"]) == "-2**31 .. 2**31-1 ADC units"
    assert str(RANGES["gain"]) == "0.001 .. 1000000 ADC units per mV"
    assert not RANGES["fs"].holds(math.nan)
