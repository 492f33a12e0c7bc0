"""P waves: locked to the QRS complex they stand out, fibrillation's do not."""

import numpy as np
import pytest

from detector.delineation import p_wave
from detector.delineation.state import AVERAGE_BEFORE, LEAD, USUAL, fresh_bed
from detector.engine.state import STRIP, STRIP_BEFORE

ON, OFF = 86, 112


def bump(n: int, at: float, width: float = 6.0) -> np.ndarray:
    return np.exp(-0.5 * ((np.arange(n) - at) / width) ** 2)


def averaged(beats: list[np.ndarray]) -> np.void:
    lead = np.zeros(1, LEAD)
    for beat in beats:
        lead["sum"][0, :AVERAGE_BEFORE] += beat
        lead["squares"][0] += beat**2
        lead["count"] += 1
    return lead[0]


def test_a_p_wave_stands_out_and_fibrillation_does_not():
    rng = np.random.default_rng(0)
    locked = [
        0.1 * bump(AVERAGE_BEFORE, 99) + 0.02 * rng.normal(size=AVERAGE_BEFORE) for _ in range(12)
    ]
    waves = np.arange(AVERAGE_BEFORE) / 38.0  # 6.6 Hz, at any phase
    loose = [0.1 * np.sin(2 * np.pi * (waves + rng.random())) for _ in range(12)]
    assert p_wave.standing_out(averaged(locked), ON, OFF) > 3 * p_wave.P_LEAST
    assert p_wave.standing_out(averaged(loose), ON, OFF) < p_wave.P_LEAST
    assert p_wave.standing_out(averaged(locked[:1]), ON, OFF) == 0.0


@pytest.fixture
def known():
    """A device with one lead whose usual P wave is known."""
    bed, leads = fresh_bed()[0], np.zeros(1, LEAD)
    bed["p_on"], bed["p_off"] = ON, OFF
    leads[0]["usual"] = 0.1 * bump(USUAL, 99)
    leads[0]["usual_count"] = 10
    return bed, leads


def strips(*at: float, mv: float = 0.1) -> np.ndarray:
    """A strip with P waves whose peaks are so many samples after the R peak."""
    wave = sum(bump(STRIP, STRIP_BEFORE + where) for where in at)
    return (0.3 + mv * wave)[None, :].astype(np.float32)


def test_a_beat_is_compared_with_the_usual_p_wave(known):
    bed, leads = known
    usual_at = 99 - AVERAGE_BEFORE
    alike, height = p_wave.likeness(bed, leads, strips(usual_at, mv=0.05), 1, STRIP_BEFORE)
    assert alike == pytest.approx(1.0, abs=1e-3)
    assert height == pytest.approx(0.5, abs=0.01)
    alike, _ = p_wave.likeness(bed, leads, strips(usual_at, mv=-0.1), 1, STRIP_BEFORE)
    assert alike == pytest.approx(-1.0, abs=1e-3)
    alike, _ = p_wave.likeness(bed, leads, strips(usual_at - 25), 1, STRIP_BEFORE)
    assert alike < 0.5


def test_nothing_is_said_without_a_usual_p_wave(known):
    bed, leads = known
    bed["p_on"] = 0
    assert np.isnan(p_wave.likeness(bed, leads, strips(-37), 1, STRIP_BEFORE)).all()


@pytest.mark.parametrize(("at", "found"), [(200, True), (170, True), (120, False)])
def test_a_p_wave_without_a_qrs_complex_is_found_where_it_is_due(known, at, found):
    bed, leads = known
    seen = strips(-37, at - 37)
    assert (p_wave.expected_alone(bed, leads, seen, 1, 200, p_wave.EARLIER) > 0.9) == found


def test_a_wave_of_another_height_is_no_p_wave(known):
    bed, leads = known
    tall = strips(200 - 37, mv=0.5)
    assert p_wave.expected_alone(bed, leads, tall, 1, 200, p_wave.EARLIER) < 0.9


@pytest.mark.parametrize(
    ("at", "rr", "found"),
    [
        (160, 320, True),
        (146, 320, True),  # the sinus node is not a clock
        (120, 320, False),
        (140, 280, False),  # too fast: it would lie on the T wave
    ],
)
def test_a_second_p_wave_is_found_halfway(known, at, rr, found):
    bed, leads = known
    seen = strips(-37, at - 37)
    assert (p_wave.expected_halfway(bed, leads, seen, 1, rr) > 0.9) == found
