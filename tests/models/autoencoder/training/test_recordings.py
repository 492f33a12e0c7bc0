from __future__ import annotations

import numpy as np

from ecg_monitor.records.recording import BeatMark, Recording
from models.autoencoder import inputs as seen
from models.autoencoder.training.recordings import beats_of, rr_context


def test_rr_context_looks_at_past_intervals_and_one_ahead():
    times = np.cumsum([0.0, *[1.0] * 12, 0.5, 1.5])
    context = rr_context(times)
    assert np.isnan(context[0, 0])
    np.testing.assert_allclose(context[13], [0.5, np.nan, 0.95, 12.5 / 13])
    assert np.isnan(context[-1, 1])


def test_means_do_not_look_beyond_their_span():
    times = np.cumsum([0.0, *[0.5] * 20, *[1.0] * 400])
    context = rr_context(times)
    assert context[35, 2] == 1.0
    assert context[100, 3] < 1.0
    assert context[-1, 3] == 1.0


def test_windows_lie_around_the_marks():
    fs, n = 360.0, 3600
    at = [400, 700, 1000, 3590]
    values = np.zeros(n)
    values[at] = 1.0
    recording = Recording(
        name="made", fs=fs, leads=("II",), gain=(1000.0,), baseline=(0.0,),
        samples=np.round(values * 1000)[None].astype(np.int16),
        beats=tuple(BeatMark(s, symbol) for s, symbol in zip(at, "NV+A", strict=True)),
        rhythms=(), invalid=(), comments=(),
    )  # fmt: skip
    beats = beats_of(recording)
    assert beats.labels.tolist() == ["N", "V", "S"]
    assert (np.abs(beats.windows.argmax(axis=1) - seen.BEFORE) <= 1).all()
