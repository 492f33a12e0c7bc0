"""Windows of 10 s at 100 Hz: whatever the rate, the length and the holes of what is given."""

import numpy as np
import pytest

from models.diagnosis import inputs
from tests.support.twelve_leads import millivolts


@pytest.mark.parametrize("fs", [100, 128, 250, 257, 500, 1000])
def test_every_rate_gives_the_same_window(fs):
    reference = inputs.windows(millivolts(10, 500), 500).ecg[0]
    seen = inputs.windows(millivolts(10, fs), fs).ecg[0]
    inner = slice(100, 900)
    assert seen.shape == reference.shape
    for one, other in zip(seen[:, inner], reference[:, inner], strict=True):
        assert np.corrcoef(one, other)[0, 1] > 0.99


def test_a_long_recording_is_cut_up_to_its_end():
    cut = inputs.windows(millivolts(34, 250), 250)
    assert cut.start_s == (0, 10, 20, 24)
    assert cut.covered_s == (10, 10, 10, 10)


def test_a_short_recording_is_filled_with_nothing():
    cut = inputs.windows(millivolts(5, 500), 500)
    assert cut.covered_s == (5,)
    assert np.abs(cut.ecg[0, :, :500]).max() > 0.5
    assert (cut.ecg[0, :, 500:] == 0).all()


def test_leads_without_values_and_flat_ones_are_masked():
    signal = millivolts()
    signal[7] = np.nan
    signal[8] = 0.001
    signal[9, :3000] = np.nan
    signal[10, 1000:1200] = np.nan
    cut = inputs.windows(signal, 500)
    assert cut.mask[0].tolist() == [1] * 7 + [0, 0, 0] + [1, 1]
    assert np.isfinite(cut.ecg).all()
    assert (cut.ecg[0, 7:10] == 0).all()


def test_wander_and_hum_are_taken_out():
    time = np.arange(5000) / 500
    signal = millivolts() + 2 * np.sin(2 * np.pi * 0.1 * time) + 0.5 * np.sin(2 * np.pi * 60 * time)
    clean = inputs.windows(millivolts(), 500).ecg[0, :, 100:900]
    seen = inputs.windows(signal, 500).ecg[0, :, 100:900]
    assert np.abs(seen - clean).max() < 0.15


@pytest.mark.parametrize(
    ("age", "sex", "told"),
    [
        (60, "F", [1, 0, 1, 1, 1]),
        (None, None, [1, 0, 0, 0, 0]),
        (float("nan"), "M", [1, 0, 0, -1, 1]),
        (300, "x", [1, 0, 0, 0, 0]),
    ],
)
def test_what_is_not_known_of_the_person_is_marked(age, sex, told):
    assert inputs.about(age, sex, voltage=True).tolist() == told
