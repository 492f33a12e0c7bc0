"""Signal quality per lead and second."""

from __future__ import annotations

import numpy as np
import pytest

from detector.rhythm.waveform.quality import (
    FLAT,
    GOOD,
    MAINS,
    NOISE,
    SATURATED,
    STATES,
    LeadQuality,
    measure,
    measure_all,
)
from ecg_monitor.core.checkpoint import codec
from tests.support.places import shared

T = np.arange(250) / 250


def ecg() -> np.ndarray:
    """One second with a QRS complex and a T wave, mV."""
    return np.exp(-0.5 * ((T - 0.3) / 0.012) ** 2) + 0.3 * np.exp(-0.5 * ((T - 0.6) / 0.05) ** 2)


def state_of(*seconds: np.ndarray) -> str:
    quality = LeadQuality()
    for second in seconds:
        told = quality.on_second(measure(second[None, :]))
    return STATES[int(told.states[0])]


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        ([ecg()], "good"),
        ([3 * ecg()], "good"),
        ([ecg() + 0.2 * np.sin(T)], "good"),
        ([np.zeros(250)], "flat"),
        ([np.full(250, 9.9)], "saturated"),
        ([np.clip(8 * ecg(), -1, 3)], "good"),
        ([np.clip(40 * np.sin(2 * np.pi * T), -5, 5)], "saturated"),
        ([ecg() + np.random.default_rng(1).normal(0, 0.15, 250)], "noise"),
        ([ecg() + 0.2 * np.sin(2 * np.pi * 50 * T)], "mains"),
        ([ecg() + 0.2 * np.sin(2 * np.pi * 60 * T)], "mains"),
        ([ecg(), ecg() + 2.5], "jump"),
        ([8 * np.sin(2 * np.pi * 2 * T)], "artifact"),
    ],
)
def test_states(seconds, state):
    assert state_of(*seconds) == state


def test_seconds_of_many_devices_are_measured_as_each_alone():
    noisy = ecg() + np.random.default_rng(1).normal(0, 0.2, 250)
    beds = [np.vstack(leads) for leads in ([ecg(), noisy], [noisy], [ecg() + 1, np.zeros(250)])]
    seconds = np.full((len(beds), 1, 2, 250), np.nan)
    for row, leads in zip(seconds[:, 0], beds, strict=True):
        row[: len(leads)] = leads
    together = measure_all(seconds, [len(leads) for leads in beds], [0, 0, 1])
    alone = [measure(leads, off) for leads, off in zip(beds, (0, 0, 1), strict=True)]
    assert together == alone
    assert [one.states for one in alone] == [[GOOD, NOISE], [NOISE], [FLAT, FLAT]]


def test_the_best_lead_is_the_clean_one():
    noisy = ecg() + np.random.default_rng(1).normal(0, 0.2, 250)
    second = LeadQuality().on_second(measure(np.vstack([np.zeros(250), noisy, ecg()])))
    assert second.best == 2
    assert second.index[2] > 0.9
    assert second.states == [FLAT, NOISE, GOOD]


def test_the_index_falls_as_noise_rises():
    noise = np.random.default_rng(2).normal(0, 1, 250)
    indices = [
        measure((ecg() + level * noise)[None, :]).indices[0]
        for level in (0.0, 0.03, 0.06, 0.12, 0.5)
    ]
    assert indices == sorted(indices, reverse=True)
    assert indices[0] > 0.9
    assert indices[-1] < 0.1


def test_a_checkpoint_keeps_the_level():
    quality, other = LeadQuality(), LeadQuality()
    quality.on_second(measure(ecg()[None, :]))
    codec.unpack(other, codec.pack(quality))
    assert STATES[int(other.on_second(measure(ecg()[None, :] + 3)).states[0])] == "jump"


def test_challenge_2011_is_told_acceptable_or_not():
    data = np.load(shared("data/challenge2011/set_a_train.npz"))
    acceptable = data["acceptable"][::3] == 1
    signals = np.cumsum(data["diff"][::3], axis=2, dtype=np.int16)[:, :, ::2] * 0.005
    worst = []
    for signal in signals:
        quality = LeadQuality()
        seconds = [measure(signal[:, i : i + 250]) for i in range(0, 2500, 250)]
        told = [quality.on_second(second).index for second in seconds]
        worst.append(np.mean(told, axis=0).min())
    right = (np.array(worst) > 0.5) == acceptable
    assert right.mean() > 0.86  # 0.896 over all of the subset
    assert MAINS < SATURATED
