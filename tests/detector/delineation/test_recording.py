"""Waves of whole recordings: made-up patients, holes and leads that are off."""

import numpy as np
import pytest

from detector.delineation.recording import PIECE_S, waves_of
from detector.delineation.waves import P_ON, P_PEAK, QRS_ON, T_OFF
from detector.engine.resample import FS
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import InvalidStretch, Recording
from simulator.synthetic.patient import SyntheticPatient

GAIN = 1000.0
LEADS = ("II", "V2")


def patient(kind: str, seconds: float, **more) -> Recording:
    samples = SyntheticPatient(kind, fs=500.0, leads=LEADS, seed=1, gain=GAIN).generate(seconds)
    return Recording("made up", 500.0, LEADS, (GAIN,) * 2, (0.0,) * 2, samples.samples, **more)


def test_every_beat_of_sinus_rhythm_has_its_waves():
    recording = patient("sinus", 40.0)
    assert recording.duration_s > 2 * PIECE_S, "several pieces"
    peaks, marks = waves_of(recording)
    assert marks.shape == (len(peaks), 2, 8)
    assert len(peaks) > 35
    inner = marks[1:-1, 0]
    assert not np.isnan(inner).any()
    pr_ms = (inner[:, QRS_ON] - inner[:, P_ON]) * 1000 / FS
    assert 100 < np.median(pr_ms) < 220
    assert (inner[:, T_OFF] > peaks[1:-1]).all()


def test_fibrillation_has_no_p_waves():
    peaks, marks = waves_of(patient("af", 30.0))
    assert len(peaks) > 25
    assert np.isnan(marks[:, :, P_PEAK]).mean() > 0.8


def test_a_lead_that_is_off_has_no_waves():
    off = (InvalidStretch(1, 5000, 20_000),)
    peaks, marks = waves_of(patient("sinus", 40.0, invalid=off))
    during = (peaks > 12 * FS) & (peaks < 38 * FS)
    assert during.sum() > 20
    assert np.isnan(marks[during, 1]).all()
    assert not np.isnan(marks[during, 0, QRS_ON]).any()


def test_a_recording_without_beats_or_at_no_rate_of_a_device():
    flat = Recording("flat", 500.0, ("II",), (GAIN,), (0.0,), np.zeros((1, 5000), np.int16))
    peaks, marks = waves_of(flat)
    assert len(peaks) == 0
    assert marks.shape == (0, 1, 8)
    slow = Recording("slow", 20.0, ("II",), (GAIN,), (0.0,), np.zeros((1, 500), np.int16))
    with pytest.raises(RecordError, match="20 Hz"):
        waves_of(slow)
