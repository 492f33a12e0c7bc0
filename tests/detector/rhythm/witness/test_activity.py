"""Time in which noise would hide a QRS complex."""

import numpy as np
import pytest

from detector.rhythm.waveform.quality import FLAT, GOOD, NOISE
from detector.rhythm.witness.activity import KEPT_S, Activity
from detector.rhythm.witness.disorder import Disorder
from detector.rhythm.witness.likeness import MARGIN

FS = 360.0
T = np.arange(250) / 250.0


def complexes(height_mv: float = 1.0) -> np.ndarray:
    """A second with one QRS complex in its middle, mV."""
    return height_mv * np.exp(-0.5 * ((T - 0.5) / 0.012) ** 2)


def noise(mv: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, mv, 250)


def learnt(*heights_mv: float) -> Disorder:
    """Leads that have shown twelve beats of these heights, none where it is 0."""
    known = Disorder()
    window = np.array([complexes(height) for height in heights_mv], np.float32)
    assert MARGIN <= 125 <= 250 - MARGIN
    for beat in range(12):
        known.on_beat(round(beat * FS), FS, window, 125)
    return known


class Bed:
    def __init__(self, *heights_mv: float) -> None:
        self.known = learnt(*heights_mv)
        self.activity = Activity()
        self.n = 0

    def play(self, *leads: np.ndarray, states: list[int] | None = None) -> float:
        """Take a second; return how much of it is covered."""
        before, self.n = self.n, self.n + round(FS)
        window = np.array(leads, np.float32)
        known = self.known.sizes, self.known.counts
        states = states or [GOOD] * len(leads)
        self.activity.on_second(self.n, window, states, known, FS)
        return self.activity.covered_s(before, self.n, FS)


def test_noise_as_steep_as_complexes_covers_a_second():
    bed = Bed(1.0)
    assert bed.play(noise(0.3)) == 1.0
    assert bed.play(noise(0.3), states=[NOISE]) == 1.0


@pytest.mark.parametrize("second", [0 * T, complexes(), noise(0.02)], ids=["still", "beat", "calm"])
def test_what_is_calm_between_complexes_is_not_covered(second):
    assert Bed(1.0).play(second) == 0.0


def test_waves_of_a_heart_are_gentle():
    p_and_t = 0.2 * np.sin(2 * np.pi * 2 * T) + 0.2 * np.sin(2 * np.pi * 4 * T)
    assert Bed(1.0).play(p_and_t) == 0.0


def test_one_calm_lead_is_enough():
    bed = Bed(1.0, 1.0)
    assert bed.play(noise(0.3), noise(0.3, seed=2)) == 1.0
    assert bed.play(noise(0.3), noise(0.01)) == 0.0


def test_a_flat_lead_and_one_that_never_showed_a_beat_do_not_count():
    bed = Bed(1.0, 0.0)
    assert bed.play(noise(0.3), noise(0.01)) == 1.0
    bed = Bed(1.0, 1.0)
    assert bed.play(noise(0.3), 0 * T, states=[GOOD, FLAT]) == 1.0
    assert bed.play(0 * T, 0 * T, states=[FLAT, FLAT]) == 0.0


def test_where_no_beat_was_ever_seen_nothing_is_covered():
    assert Bed(0.0).play(noise(1.0)) == 0.0


def test_small_complexes_are_not_hidden_by_what_hides_none_that_must_be_found():
    assert Bed(0.4).play(noise(0.02)) == 0.0


def test_a_lead_whose_complexes_are_hardly_seen_is_not_asked():
    assert Bed(0.05).play(noise(0.3)) == 0.0
    assert Bed(1.0, 0.05).play(noise(0.3), 0 * T) == 1.0


def test_waves_that_are_steep_and_smooth_hide_nothing():
    assert Bed(1.0).play(2.0 * np.sin(2 * np.pi * 5 * T)) == 0.0  # fibrillation that is not told


def test_the_usual_size_outlasts_shapes_that_noise_has_replaced():
    bed = Bed(1.0)
    assert bed.play(0 * T) == 0.0
    bed.known.counts[:] = 1.0
    assert bed.play(noise(0.3)) == 1.0


def test_parts_of_seconds_and_those_full_of_beats():
    bed = Bed(1.0)
    for _ in range(3):
        bed.play(noise(0.3))
    whole = round(FS)
    assert bed.activity.covered_s(whole // 2, 2 * whole, FS) == 1.5
    assert bed.activity.covered_s(0, 3 * whole, FS, [10]) == 3.0
    assert bed.activity.covered_s(0, 3 * whole, FS, [10, 200]) == 2.0


def test_what_is_long_past_is_dropped():
    bed = Bed(1.0)
    bed.play(noise(0.3))
    for _ in range(round(KEPT_S) + 2):
        bed.play(0 * T)
    assert bed.activity.covered == []
