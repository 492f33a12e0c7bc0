"""What repeats ahead of normal beats."""

import numpy as np
import pytest

from detector.rhythm.waveform.atrial import FROM, LEAST, LENGTH, RATE, Atrial
from ecg_monitor.core.checkpoint import codec

P_WAVE = 0.1 * np.exp(-(((np.arange(LENGTH) - 25) / 6) ** 2))


def feed(atrial: Atrial, beats: int, *, locked: bool, noise_mv: float = 0.02, seed: int = 0):
    """Beats with a P wave that keeps its distance to the QRS complex, or comes at any time."""
    rng = np.random.default_rng(seed)
    for _ in range(beats):
        wave = P_WAVE if locked else np.roll(P_WAVE, rng.integers(LENGTH))
        window = np.zeros((2, FROM), np.float32)
        window[0, :LENGTH] = wave + rng.normal(0, noise_mv, LENGTH) + rng.normal()
        window[1] = rng.normal(0, 0.3, FROM)
        atrial.on_beat(window, 0, [5, 5], RATE)
    return atrial


def test_p_waves_repeat_and_fibrillation_does_not():
    assert feed(Atrial(), 60, locked=True).repeats > 0.5
    assert feed(Atrial(), 60, locked=False).repeats < 0.1


def test_nothing_is_known_from_few_beats():
    assert feed(Atrial(), LEAST - 1, locked=True).repeats == 0.0
    assert feed(Atrial(), LEAST, locked=True).repeats > 0.3


def test_it_follows_a_change_within_a_minute():
    atrial = feed(Atrial(), 60, locked=False)
    assert feed(atrial, 60, locked=True).repeats > 0.5
    assert feed(atrial, 60, locked=False).repeats < 0.2


def test_noise_hides_p_waves():
    assert feed(Atrial(), 60, locked=True, noise_mv=0.5).repeats < 0.1


def test_the_t_wave_of_the_beat_before_is_no_p_wave():
    """At 120 bpm it begins the segment; what is left of that has no more than noise."""
    rng = np.random.default_rng(1)
    atrial = Atrial()
    for _ in range(40):
        window = rng.normal(0, 0.02, (1, FROM)).astype(np.float32)
        window[0, :18] += 0.3 * np.sin(np.pi * np.arange(18) / 18)
        atrial.on_beat(window, 0, [5], 125)
    assert atrial.repeats < 0.1


@pytest.mark.parametrize(("back", "usable"), [(1, [5, 5]), (-20, [5, 5]), (0, [0, 0])])
def test_what_is_not_there_or_useless_is_not_taken(back, usable):
    atrial = Atrial()
    window = np.zeros((2, FROM), np.float32)
    for _ in range(LEAST):
        atrial.on_beat(window, back, usable, RATE)
    assert not atrial.counts.any()


def test_it_goes_on_from_a_checkpoint():
    atrial, again = feed(Atrial(), 20, locked=True), Atrial()
    codec.unpack(again, codec.pack(atrial))
    assert feed(again, 5, locked=True, seed=1).repeats == (
        feed(atrial, 5, locked=True, seed=1).repeats
    )
    atrial.forget()
    assert atrial.repeats == 0.0
