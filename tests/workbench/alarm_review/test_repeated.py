"""Short recordings played over and over."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ecg_monitor.records import Recording
from simulator.synthetic.patient import SyntheticPatient
from workbench.alarm_review.repeated import cells_of, peaks_of, repeated

FS = 250.0


@pytest.fixture(scope="module")
def recording() -> Recording:
    """Ten seconds of block, on a baseline that rises."""
    samples = SyntheticPatient("lbbb", fs=FS, seed=2).generate(10).samples
    rising = (samples + np.linspace(0, 300, samples.shape[1])).astype(np.int16)
    return Recording("lbbb", FS, ("II", "V1"), (200.0,) * 2, (0.0,) * 2, rising)


def test_the_joins_show_neither_a_step_nor_an_interval_of_their_own(recording):
    peaks = peaks_of(recording)
    played = repeated(recording, peaks, 60.0)
    assert played.duration_s >= 60
    again = peaks_of(played)
    own = [after - before for before, after in pairwise(peaks)]
    found = [after - before for before, after in pairwise(again)]
    assert len(found) > 5 * len(own)
    assert min(found) >= min(own) - 3
    assert max(found) <= max(own) + 3
    steepest = np.abs(np.diff(recording.samples.astype(int))).max()
    assert np.abs(np.diff(played.samples.astype(int))).max() <= 1.2 * steepest
    level = np.median(played.samples[:, : round(5 * FS)], axis=1)
    assert np.median(played.samples, axis=1) == pytest.approx(level, abs=20)


def test_a_recording_with_too_few_beats_is_not_played(recording):
    still = replace(recording, samples=np.zeros_like(recording.samples))
    assert repeated(still, peaks_of(still), 60.0) is None


def test_a_row_tells_rate_and_recordings():
    row = {"source": "s", "group": "g", "recordings": 2, "seconds": 7200.0}
    cells = cells_of({**row, "alarms": 3, "with_alarm": ["a"]})
    assert cells == ["s", "g", "2", "2.00", "1", "3", "36.0"]
