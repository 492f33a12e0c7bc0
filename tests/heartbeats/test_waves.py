"""Waves of an array: sample indices of the array, whatever its rate, and errors that name it."""

import numpy as np
import pytest

import heartbeats
from simulator.synthetic.patient import SyntheticPatient

SECONDS = 30.0


def signal_of(fs: float) -> np.ndarray:
    patient = SyntheticPatient("sinus", fs=fs, leads=("II", "V5"), seed=3, gain=1000.0)
    return patient.generate(SECONDS).samples / 1000.0


@pytest.mark.parametrize("fs", [250.0, 360.0])
def test_waves_lie_in_order_on_the_array(fs):
    signal = signal_of(fs)
    found = heartbeats.waves(signal, fs, leads=["II", "V5"])
    assert found.leads == ("II", "V5")
    assert found.p_on.shape == (len(found.r_peaks), 2)
    assert len(found.r_peaks) > 20
    same = heartbeats.r_peaks(signal, fs)
    np.testing.assert_allclose(found.r_peaks / fs, same / fs, atol=0.01)
    names = ("p_on", "p_peak", "p_off", "qrs_on", "r_peak", "qrs_off", "t_peak", "t_off")
    order = np.stack([getattr(found, name) for name in names])[:, 1:-1]
    assert (np.diff(order, axis=0) >= 0).all()
    assert np.abs(found.r_peak - found.r_peaks[:, None]).max() < 0.06 * fs


def test_what_is_no_ecg_is_refused():
    with pytest.raises(heartbeats.SignalError, match="fs"):
        heartbeats.waves(np.zeros(5000), 5.0)
