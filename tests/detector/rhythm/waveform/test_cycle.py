"""How fast a wide waveform repeats."""

import numpy as np
import pytest

from detector.rhythm.waveform.cycle import SAMPLES, cycle_bpm

T = np.arange(SAMPLES) / 250.0


def waves(bpm: float, size_mv: float = 1.0) -> np.ndarray:
    """A sine with some second harmonic, as of ventricular tachycardia."""
    turn = 2 * np.pi * bpm / 60 * T
    return size_mv * (np.sin(turn) + 0.3 * np.sin(2 * turn + 1))


@pytest.mark.parametrize("bpm", [110, 150, 206, 250, 290])
@pytest.mark.parametrize("size_mv", [0.15, 1.0, 3.0])
def test_the_rate_of_wide_waves(bpm, size_mv):
    assert cycle_bpm(waves(bpm, size_mv)) == pytest.approx(bpm, rel=0.02)


@pytest.mark.parametrize("bpm", [100, 150, 200])
def test_narrow_complexes_do_not_count(bpm):
    phase = (T * bpm / 60) % 1.0
    assert cycle_bpm(np.exp(-(((phase - 0.5) * 60 / bpm / 0.02) ** 2))) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_repeat(seed):
    noise = np.random.default_rng(seed).normal(size=SAMPLES + 10)
    assert cycle_bpm(np.convolve(noise, np.ones(11) / 11, "valid")) == 0.0


def test_what_is_too_small_or_too_slow_is_not_told():
    assert cycle_bpm(waves(200, 0.03)) == 0.0
    assert cycle_bpm(np.sin(2 * np.pi * T * 50 / 60)) == 0.0
    assert cycle_bpm(np.zeros(SAMPLES)) == 0.0
