"""Beats are told from noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rhythm.witness.disorder import LIKELY, UNLIKELY, Disorder
from ecg_monitor.core.checkpoint import codec

FS = 360.0
PEAK = 900
T = np.arange(1250) / 250.0


def qrs(at: float, wide: bool = False) -> np.ndarray:
    width = 0.04 if wide else 0.012
    return np.exp(-0.5 * ((T - at) / width) ** 2) - 0.3 * np.exp(
        -0.5 * ((T - at - 2 * width) / width) ** 2
    )


class Bed:
    """Shows beats to `Disorder`; between them there is ``noise`` mV of random walk."""

    def __init__(self, leads: int = 2) -> None:
        self.rule = Disorder()
        self.rng = np.random.default_rng(3)
        self.leads = leads
        self.n = 0

    def beats(self, count: int, rr_s: float, *, noise: float = 0.0, kinds: str = "N") -> float:
        for i in range(count):
            self.n += round(rr_s * FS)
            wide = kinds[i % len(kinds)] == "V"
            clean = sum(qrs(PEAK / 250 - back * rr_s, wide) for back in range(6))
            walk = np.cumsum(self.rng.normal(0, noise, (self.leads, len(T))), axis=1)
            walk -= walk[:, ::50].repeat(50, axis=1)  # as the baseline filter leaves it
            window = (clean[None, :] + walk).astype(np.float32)
            self.rule.on_beat(self.n, FS, window, PEAK)
        return self.rule.chance(self.n, FS)


@pytest.mark.parametrize(
    ("kinds", "rr_s"), [("N", 0.8), ("NV", 0.6), ("NNV", 0.5), ("V", 0.35), ("N", 2.0)]
)
def test_a_heart_is_orderly_whatever_its_rhythm(kinds, rr_s):
    assert Bed().beats(60, rr_s, kinds=kinds) < 0.05


def test_a_run_of_new_shape_is_no_noise():
    bed = Bed()
    bed.beats(40, 0.8)
    assert max(bed.beats(1, 0.35, kinds="V") for _ in range(30)) < LIKELY


def test_noise_that_is_taken_for_beats_is_disorder_and_ends_with_it():
    bed = Bed()
    bed.beats(40, 0.8)
    assert bed.beats(20, 0.45, noise=0.2) > 0.95
    assert bed.rule.since_n is not None
    assert bed.rule.doubtful
    assert bed.beats(20, 0.8) < 0.1
    assert bed.rule.since_n is None


def test_one_good_lead_is_enough():
    bed = Bed(1)
    bed.beats(20, 0.8)
    other = Bed(2)
    other.beats(20, 0.8)
    for one in (bed, other):
        for _ in range(20):
            one.n += round(0.8 * FS)
            clean = sum(qrs(PEAK / 250 - back * 0.8) for back in range(6))
            walk = np.cumsum(one.rng.normal(0, 0.2, len(T)))
            leads = [clean + walk, clean][-one.leads :] if one.leads == 2 else [clean + walk]
            one.rule.on_beat(one.n, FS, np.array(leads, np.float32), PEAK)
    assert bed.rule.chance(bed.n, FS) > LIKELY > other.rule.chance(other.n, FS)


def test_few_beats_are_never_disorder():
    bed = Bed()
    bed.beats(40, 0.8)
    bed.n += round(11 * FS)
    assert bed.beats(5, 1.9, noise=0.2) == 0.0


def test_a_silent_heart_is_at_rest_and_a_moving_electrode_is_not():
    bed = Bed()
    bed.beats(30, 0.8)
    wave = 0.6 * np.sin(2 * np.pi * 3 * T)
    still, last_n = np.zeros((2, 1250), np.float32), bed.n
    moving = np.array([wave, wave], np.float32)
    later = last_n + round(4 * FS)
    assert not any(bed.rule.restless(still, later, last_n, FS))
    assert all(bed.rule.restless(moving, later, last_n, FS))
    assert not any(bed.rule.restless(moving, last_n + round(FS), last_n, FS))  # it is a T wave


def test_it_goes_on_from_a_checkpoint():
    bed = Bed()
    bed.beats(40, 0.8)
    bed.beats(9, 0.45, noise=0.2)
    again = Disorder()
    codec.unpack(again, codec.pack(bed.rule))
    assert codec.pack(again) == codec.pack(bed.rule)
    rng = bed.rng.bit_generator.state
    first = bed.beats(9, 0.45, noise=0.2)
    bed.rule, bed.n = again, bed.n - 9 * round(0.45 * FS)
    bed.rng.bit_generator.state = rng
    assert bed.beats(9, 0.45, noise=0.2) == first


@given(
    st.lists(st.tuples(st.integers(30, 500), st.booleans(), st.floats(-4, 0)), max_size=60),
    st.lists(st.integers(50, 700), max_size=60),
)
def test_beats_are_believed_or_not_as_their_chance_says(beats, steps):
    rule, n = Disorder(), 0
    for step, strange, moved in beats:
        n += step
        rule.beats.append((n, float(strange), moved))
    rule.after_restore()
    n, since_n = n // 2, None
    for step in steps:
        n += step
        rule.follow(n, FS)
        chance = rule.chance(n, FS)
        if chance >= LIKELY:
            since_n = n if since_n is None else since_n
        elif chance < UNLIKELY:
            since_n = None
        assert rule.since_n == since_n
