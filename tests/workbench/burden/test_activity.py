"""Made-up patients whose rest is broken by noise."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.records import Recording
from workbench.burden.activity import FS, HOUR, Bout, active_patient

MINUTE = round(60 * FS)


@pytest.fixture(scope="module")
def patients() -> tuple[np.ndarray, np.ndarray]:
    """The same patient at rest throughout, and with a minute of strong noise in the middle."""
    noise = np.random.default_rng(1).integers(-200, 200, (2, MINUTE)).astype(np.int16)
    white = Recording("ma", FS, ("1", "2"), (200.0,) * 2, (0.0,) * 2, noise)
    hours = (
        (Bout(1), Bout(1), Bout(1)),
        (Bout(1), Bout(1, "ma", 0.0), Bout(1)),
    )
    calm, active = (active_patient({"ma": white}, 1, 3, hour).samples for hour in hours)
    return calm, active


def test_noise_is_there_in_its_bout_and_nowhere_else(patients):
    calm, active = patients
    assert calm.shape == active.shape == (2, 3 * MINUTE)
    added = (active - calm.astype(int)) / 200
    assert not added[:, :MINUTE].any()
    assert not added[:, 2 * MINUTE :].any()
    assert (added[:, MINUTE : 2 * MINUTE].std(axis=1) > 0.05).all()


def test_a_third_of_an_hour_is_activity():
    assert sum(bout.minutes for bout in HOUR) == 60
    assert sum(bout.minutes for bout in HOUR if bout.noise) == 20
