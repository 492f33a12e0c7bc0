"""Beats with known boundaries, and synthetic patients analysed as live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detector.analyzer.offline import analyze
from detector.engine.resample import FS
from detector.engine.state import STRIP, STRIP_BEFORE
from ecg_monitor.records import Recording
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment

GAIN = 1000.0


def bump(at_ms: float, half_ms: float, mv: float) -> np.ndarray:
    """A raised cosine from ``at - half`` to ``at + half``, ms after the R peak, on a strip."""
    t = (np.arange(STRIP) - STRIP_BEFORE) * 1000.0 / FS - at_ms
    return np.where(np.abs(t) < half_ms, mv * 0.5 * (1 + np.cos(np.pi * t / half_ms)), 0.0)


@pytest.fixture
def strip() -> Callable[..., np.ndarray]:
    """Maker of one beat: P from -200 to -100 ms, QRS from -40 to 60, T from 200 to 400."""

    def make(p_mv: float = 0.15, qrs_mv: float = 1.2, t_mv: float = 0.3) -> np.ndarray:
        qrs = bump(0, 40, qrs_mv) + bump(40, 20, -0.2 * qrs_mv)
        return bump(-150, 50, p_mv) + qrs + bump(300, 100, t_mv)

    return make


@pytest.fixture
def measure() -> Callable[..., dict[str, Any]]:
    """Analysis of a synthetic patient: a segment, or the name of a scenario."""

    def run(what: Segment | str, seconds: float = 60.0, leads: tuple[str, ...] = ("II", "V2")):
        scenario = what if isinstance(what, str) else Scenario(segments=(what,))
        patient = SyntheticPatient(scenario, fs=500.0, leads=leads, seed=1, gain=GAIN)
        samples = patient.generate(seconds).samples
        n = len(leads)
        return analyze(Recording("patient", 500.0, leads, (GAIN,) * n, (0.0,) * n, samples))

    return run
