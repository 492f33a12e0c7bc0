"""Distinct, regular complexes are no fibrillation; waves that fill the window may be one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from detector.analyzer.offline import timed_events
from detector.engine.filters import HIGH
from detector.rhythm.waveform.fibrillation import WINDOW, beats_regularly
from ecg_monitor.core.types import Alarm
from tests.support.cycles import Cycle, even, recorded, signal_of

FS = 250.0
SECONDS = 12.0


def window_of(mv: np.ndarray) -> np.ndarray:
    """Five seconds as the rules see them, with beats to their end."""
    wide: np.ndarray = signal.sosfilt(HIGH, mv)
    return wide[-WINDOW - 500 : -500]


@settings(deadline=None, max_examples=30)
@given(
    bpm=st.floats(200, 260),
    r_s=st.floats(0.02, 0.034),
    t_mv=st.floats(0.0, 0.25),
    noise_mv=st.floats(0.0, 0.03),
)
def test_fast_narrow_complexes_are_regular(
    bpm: float, r_s: float, t_mv: float, noise_mv: float
) -> None:
    cycle = Cycle(r_s=r_s, p_mv=0.0, t_mv=t_mv, t_s=0.05, r_to_t_s=0.13)
    mv = signal_of(even(bpm, SECONDS), FS, SECONDS, cycle, noise_mv=noise_mv)
    assert beats_regularly(window_of(mv))


@settings(deadline=None, max_examples=30)
@given(
    bpm=st.floats(60, 90),
    r_s=st.floats(0.08, 0.13),
    t_mv=st.floats(-0.7, -0.3),
    s=st.sampled_from([0.0, -0.6]),
)
def test_very_wide_complexes_are_regular(bpm: float, r_s: float, t_mv: float, s: float) -> None:
    cycle = Cycle(r_s=r_s, p_mv=0.0, t_mv=t_mv, t_s=0.15, r_to_t_s=0.38, q=0.0, s=s)
    assert beats_regularly(window_of(signal_of(even(bpm, SECONDS), FS, SECONDS, cycle)))


@settings(deadline=None, max_examples=30)
@given(hz=st.floats(2.5, 6.0), seed=st.integers(0, 1000))
def test_flutter_and_fibrillation_are_not(hz: float, seed: int) -> None:
    t = np.arange(round(SECONDS * FS)) / FS
    assert not beats_regularly(window_of(np.sin(2 * np.pi * hz * t)))
    noise = np.random.default_rng(seed).normal(size=len(t))
    band = signal.butter(2, (hz - 1.0, hz + 1.0), "bandpass", fs=FS, output="sos")
    assert not beats_regularly(window_of(signal.sosfilt(band, noise)))


@pytest.mark.parametrize(
    ("bpm", "cycle"),
    [
        (250, Cycle(r_s=0.033, p_mv=0.05, t_mv=0.15, t_s=0.05, r_to_t_s=0.14)),
        (260, Cycle(r_s=0.033, p_mv=0.0, t_mv=0.0, s=-0.5)),
        (90, Cycle(r_s=0.133, p_mv=0.0, t_mv=-0.7, t_s=0.2, r_to_t_s=0.4, q=0.0, s=0.0)),
    ],
    ids=["infant", "supraventricular", "very wide"],
)
def test_no_fibrillation_is_told_of_them(bpm: float, cycle: Cycle) -> None:
    recording = recorded(signal_of(even(bpm, 20.0), FS, 20.0, cycle), FS)
    events = [event for _, event in timed_events(recording)]
    assert "vf" not in {event.kind for event in events if isinstance(event, Alarm)}
