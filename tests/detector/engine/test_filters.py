"""The filters' coefficients are those of the filters that they are said to be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from detector.engine.filters import (
    BAND,
    BAND_REST,
    BASELINE_HZ,
    HIGH,
    HIGH_REST,
    QRS_BAND_HZ,
)
from detector.engine.resample import FS


@pytest.mark.parametrize(
    ("sections", "rest", "order", "hz", "kind"),
    [
        (HIGH, HIGH_REST, 2, BASELINE_HZ, "highpass"),
        (BAND, BAND_REST, 1, QRS_BAND_HZ, "bandpass"),
    ],
)
def test_they_are_butterworth_filters(sections, rest, order, hz, kind):
    designed = signal.butter(order, hz, kind, fs=FS, output="sos")
    assert np.allclose(sections, designed, rtol=1e-12, atol=1e-15)
    assert np.allclose(rest, signal.sosfilt_zi(designed), rtol=1e-10, atol=1e-13)
