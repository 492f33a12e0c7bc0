"""Familiar shapes of QRS complexes."""

import math

import numpy as np
import pytest

from detector.rhythm.witness.likeness import (
    ALIKE,
    ESTABLISHED,
    MARGIN,
    POINTS,
    SHAPES,
    STEP,
    between,
    find,
    take,
    thinned,
)

T = np.arange(-MARGIN, MARGIN) / 250.0
NARROW = np.exp(-0.5 * (T / 0.012) ** 2) - 0.3 * np.exp(-0.5 * ((T - 0.03) / 0.012) ** 2)
WIDE = -np.exp(-0.5 * (T / 0.04) ** 2) + 0.5 * np.exp(-0.5 * ((T - 0.07) / 0.03) ** 2)
T_WAVE = 0.5 * np.exp(-0.5 * (T / 0.045) ** 2)
MIDDLE = MARGIN // STEP


class Lead:
    """One lead's shapes."""

    def __init__(self) -> None:
        self.shapes = np.zeros((SHAPES, 2, POINTS))
        self.sizes = np.zeros(SHAPES)
        self.counts = np.zeros(SHAPES)

    def take(self, *complexes: np.ndarray) -> list[float]:
        parts = [thinned(part) for part in complexes]
        return [take(part, MIDDLE, self.shapes, self.sizes, self.counts) for part in parts]

    def find(self, signal: np.ndarray) -> list[float]:
        """Places in s."""
        thin = thinned(signal)
        at = find(thin, 20, len(thin) - 20, self.shapes, self.sizes, self.counts)
        return [float(place) * STEP / 250 for place in at]


@pytest.fixture
def lead() -> Lead:
    """A lead that has seen ten narrow complexes."""
    known = Lead()
    known.take(*[NARROW] * 10)
    return known


def test_nothing_is_said_before_a_shape_is_established():
    found = Lead().take(*[NARROW] * 8)
    assert all(map(math.isnan, found[:3]))
    assert found[-1] > 0.99
    assert sum(map(math.isnan, found)) <= ESTABLISHED + 1


def test_amplitude_baseline_and_place_do_not_matter(lead):
    for other in (0.3 * NARROW, NARROW + 0.5 + 0.4 * T, np.roll(NARROW, 9)):
        assert lead.take(other)[0] > 0.9


def test_another_shape_is_unlike_until_it_comes_again(lead):
    found = lead.take(*[WIDE] * 8)
    assert found[0] < ALIKE
    assert found[-1] > 0.99
    assert lead.take(NARROW)[0] > 0.99  # which is not forgotten


def test_deflections_of_noise_stay_unlike(lead):
    rng = np.random.default_rng(4)
    jumps = [np.cumsum(rng.normal(0, 0.15, len(T))) for _ in range(30)]
    found = np.array(lead.take(*jumps))
    assert (found < ALIKE).mean() > 0.9


def test_a_flat_line_says_nothing(lead):
    assert math.isnan(lead.take(0 * NARROW)[0])


def test_a_complex_is_found_and_other_waves_are_not(lead):
    signal = np.zeros(750)
    for at, wave in ((150, NARROW), (300, T_WAVE), (450, 0.7 * NARROW), (600, 3 * NARROW)):
        signal[at - MARGIN : at + MARGIN] += wave
    assert lead.find(signal) == pytest.approx([0.6, 1.8], abs=0.02)


def test_a_pulse_without_a_complex_is_not_found():
    paced = WIDE + 3.0 * (np.abs(T + 0.05) < 0.003)
    lead = Lead()
    lead.take(*[paced] * 10)
    signal = np.zeros(750)
    signal[200 - MARGIN : 200 + MARGIN] += paced
    signal[500 - MARGIN : 500 + MARGIN] += paced - WIDE
    assert lead.find(signal) == pytest.approx([0.8], abs=0.03)


def test_movement_between_two_complexes():
    window = np.zeros(500)
    window[100], window[400] = 2.0, 3.0
    assert between(window, 100, 400, 24) == pytest.approx((0.0, 3.0), abs=1e-3)
    window[200:300] = 0.5
    assert between(window, 100, 400, 24)[0] == pytest.approx(0.5 * math.sqrt(100 / 252), abs=0.01)
