from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.beats.training import regimes
from models.beats.training.splicing import AFTER_R, P_ROOM, Pieces, Step, assemble


def made_up(early=True, count=400, seed=0):
    """Beats with P and T waves, 58 bpm, each eleventh early (S) and each thirteenth wide (V)."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(count, np.int8)
    if early:
        labels[::11], labels[::13] = 1, 2
    rr = np.where(labels == 0, 260, 150) + rng.integers(-6, 7, count)
    peaks = 500 + np.cumsum(rr)
    time = np.arange(peaks[-1] + 900)
    signal = 0.004 * rng.standard_normal(len(time))
    for peak, label in zip(peaks, labels, strict=True):
        near = slice(peak - 100, peak + 120)
        away = time[near] - peak
        signal[near] += np.exp(-((away / (12 if label == 2 else 4)) ** 2))
        signal[near] += 0.25 * np.exp(-(((away - 65) / 15) ** 2))
        if label != 2:
            signal[near] += 0.15 * np.exp(-(((away + 40) / 8) ** 2))
    return signal.astype(np.float32), peaks, labels


@pytest.fixture(scope="module")
def pieces():
    return Pieces.of(*made_up())


def test_pieces_know_the_rhythm(pieces):
    assert pieces.cycle == pytest.approx(260, abs=2)
    assert pieces.noise == pytest.approx(0.004, rel=0.3)
    assert [len(beats) > 20 for beats in pieces.by_class] == [True, True, True, False]


@settings(max_examples=40, deadline=None)
@given(rr=st.integers(270, 900), seed=st.integers(0, 99))
def test_added_diastole_gives_the_interval_and_leaves_p_and_qrs(pieces, rr, seed):
    rng = np.random.default_rng(seed)
    beat = pieces.near(pieces.sinus, rr, rng)
    piece = pieces.piece(beat, rr, rng)
    assert len(piece) == rr
    end = pieces.peaks[beat] + AFTER_R
    kept = AFTER_R + P_ROOM - 5
    assert np.allclose(piece[-kept:], pieces.signal[end - kept : end], atol=1e-6)


def test_diastole_can_be_taken_away_down_to_the_waves(pieces):
    rng = np.random.default_rng(0)
    beat = int(pieces.sinus[5])
    shorter = pieces.piece(beat, pieces.rr[beat] - 15, rng)
    shortest = pieces.piece(beat, 10, rng)
    assert len(shorter) == pieces.rr[beat] - 15
    assert 100 < len(shortest) < len(shorter)
    assert np.abs(np.diff(shorter)).max() < 1.2 * np.abs(np.diff(pieces.signal)).max()


def test_assembled_peaks_are_peaks_and_joints_have_no_step(pieces):
    rng = np.random.default_rng(1)
    plan = [Step(pieces.near(pieces.sinus, 300, rng), 300, 0) for _ in range(20)]
    signal, peaks, labels = assemble(pieces, plan, rng)
    assert np.diff(peaks).tolist() == [300] * 19
    assert not labels.any()
    for peak in peaks:
        assert abs(int(np.argmax(signal[peak - 20 : peak + 20])) - 20) <= 1
        joint = peak + AFTER_R
        assert np.abs(np.diff(signal[joint - 3 : joint + 3])).max() < 0.05


def test_fibrillation_takes_p_waves_away(pieces):
    plan = [Step(int(pieces.sinus[i]), 260, 0) for i in range(30)]
    p_waves = []
    for amplitude in (None, 0.0):
        signal, peaks, _ = assemble(pieces, plan, np.random.default_rng(2), amplitude)
        p_waves.append(np.mean([signal[p - 40] - signal[p - 66] for p in peaks]))
    assert p_waves[0] > 0.1
    assert abs(p_waves[1]) < 0.02


def tracks_of(recording, seed):
    signal, peaks, labels = recording
    return regimes.tracks(signal, peaks, labels, seed)


def share(labels, label):
    return float((labels == label).mean())


def test_every_regime_is_made_with_its_own_beats():
    seen = {name: [] for name in regimes.NAMES}
    for name, signal, peaks, labels in tracks_of(made_up(), (0, 1)):
        seen[name].append(labels)
        assert len(peaks) == len(labels) == regimes.TRACK
        assert np.isfinite(signal).all()
        assert np.diff(peaks).min() >= regimes.SHORTEST - 1
        assert peaks[-1] < len(signal)
    assert [len(tracks) for tracks in seen.values()] == [n for _, n in regimes.REGIMES.values()]
    assert max(share(labels, 1) for labels in seen["atrial"]) > 0.4
    assert 0.05 < share(seen["ventricular"][0], 2) < 0.95
    for name in set(regimes.NAMES) - {"atrial", "ventricular"}:
        assert not seen[name][0].any()


def test_regimes_need_beats_to_choose_from():
    names = {name for name, *_ in tracks_of(made_up(early=False), (0,))}
    assert names == set(regimes.NAMES) - {"atrial", "ventricular"}
    assert not list(tracks_of(made_up(count=30), (0,)))


def test_regimes_are_reproducible():
    def tracks(seed):
        return np.concatenate([track[1] for track in tracks_of(made_up(), seed)])

    assert np.array_equal(tracks((3, 4)), tracks((3, 4)))
    assert len(tracks((3, 5))) != len(tracks((3, 4)))
