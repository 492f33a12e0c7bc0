from itertools import pairwise

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import ScenarioError
from simulator.faults.noise import (
    NoiseMixer,
    NoiseProtocol,
    add_noise,
    noise_factors,
    noise_rms,
    qrs_amplitude,
    synthetic_noise,
)
from simulator.synthetic import SyntheticPatient
from tests.support.places import shared

FS = 360.0


@pytest.fixture(scope="module")
def clean():
    block = SyntheticPatient("sinus", seed=1).generate(120)
    return block.samples / 200, [beat.sample for beat in block.beats]


def test_amplitude_of_triangles_is_exact():
    signal = np.zeros((2, 3600))
    beats = np.arange(180, 3500, 360)
    for beat in beats:
        signal[:, beat] = 1.0, -2.0
        signal[:, beat + 10] = -0.5, 0.25
    assert qrs_amplitude(signal, beats, FS) == pytest.approx([1.5, 2.25])


def test_amplitude_ignores_outliers_and_beats_at_the_edge():
    signal = np.zeros((1, 36000))
    beats = np.arange(180, 35900, 360)
    signal[0, beats] = 1.0
    signal[0, beats[:2]] = 50.0
    assert qrs_amplitude(signal, [*beats, 3, 35999, 40000], FS) == pytest.approx([1.0])


def test_rms_is_taken_about_each_window_mean():
    t = np.arange(3600) / FS
    noise = np.vstack([np.sin(2 * np.pi * 10 * t), 5 + np.floor(t)])
    rms = noise_rms(noise, FS)
    assert rms[0] == pytest.approx(np.sqrt(0.5), rel=1e-6)
    assert rms[1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("snr_db", [24.0, 12.0, 6.0, 0.0, -6.0])
def test_ratio_is_as_asked(clean, snr_db):
    signal, beats = clean
    noise = synthetic_noise("em", 60, FS, seed=2) * 0.3
    added = add_noise(signal, noise, snr_db, beats=beats, fs=FS) - signal
    power = qrs_amplitude(signal, beats, FS) ** 2 / 8
    measured = 10 * np.log10(power / noise_rms(added[:, : noise.shape[1]], FS) ** 2)
    assert measured == pytest.approx([snr_db] * 2, abs=0.01)


def test_stress_record_118_with_electrode_motion(mitdb):
    nstdb = shared("data/nstdb")
    record = wfdb.rdrecord(str(mitdb / "118"), physical=False)
    beats = wfdb.rdann(str(mitdb / "118"), "atr")
    normal = [n for n, code in zip(beats.sample, beats.symbol, strict=True) if code in "NLR"]
    signal = (record.d_signal.T - 1024) / 200
    noise = wfdb.rdrecord(str(nstdb / "em"), physical=False).d_signal.T / 200
    added = add_noise(signal, noise, 6, beats=normal, fs=FS) - signal
    power = qrs_amplitude(signal, normal, FS) ** 2 / 8
    assert 10 * np.log10(power / noise_rms(added, FS) ** 2) == pytest.approx([6, 6], abs=0.01)
    late = add_noise(signal, noise, 6, beats=normal, fs=FS, protocol=NoiseProtocol()) - signal
    assert not late[:, : 300 * 360].any()
    assert late[:, 300 * 360 : 420 * 360] == pytest.approx(added[:, 300 * 360 : 420 * 360])


def test_channels_are_given_to_the_leads_in_turn():
    rms = np.array([1.0, 2.0])
    assert noise_factors(np.sqrt(8) * np.ones(3), rms, 0.0) == pytest.approx([1, 0.5, 1])
    noise = np.vstack([np.ones(10), np.full(10, 2.0)])
    mixed = NoiseMixer(noise, [1, 1, 1], FS).noise_at(0, 4)
    assert mixed[:, 0] == pytest.approx([1, 2, 1])


def test_protocol_alternates_after_the_clean_start():
    noisy = NoiseProtocol(300, 120).is_noisy(0, 900, 1.0)
    assert not noisy[:300].any()
    assert noisy[300:420].all()
    assert not noisy[420:540].any()
    assert noisy[540:660].all()


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 700), min_size=1, max_size=10), start=st.integers(0, 5000))
def test_stream_does_not_depend_on_how_it_is_cut(cuts, start):
    noise = synthetic_noise("ma", 10, 100, seed=1)
    mixer = NoiseMixer(noise, [0.5, 0.2, 1.0], 100, NoiseProtocol(3, 2))
    samples = np.arange(3 * sum(cuts), dtype=np.int16).reshape(3, -1)
    whole = mixer.add(samples, start, gain=(200, 100, 50))
    edges = np.cumsum([0, *cuts])
    parts = [
        mixer.add(samples[:, a:b], start + int(a), gain=(200, 100, 50)) for a, b in pairwise(edges)
    ]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_noise_is_cut_off_at_the_range_of_int16():
    mixer = NoiseMixer(np.array([[1000.0, -1000.0]]), [1], FS)
    assert mixer.add(np.zeros((1, 2), np.int16), 0).tolist() == [[32767, -32768]]


@pytest.mark.parametrize(("kind", "low", "high"), [("bw", 0, 0.8), ("em", 0.2, 10), ("ma", 7, 125)])
def test_synthetic_noise_lies_in_its_band(kind, low, high):
    noise = synthetic_noise(kind, 60, FS, channels=3, seed=4)
    assert noise.shape == (3, 21600)
    assert noise.std(axis=1) == pytest.approx(1)
    power = np.abs(np.fft.rfft(noise, axis=1)) ** 2
    hz = np.fft.rfftfreq(noise.shape[1], 1 / FS)
    inside = (hz >= low) & (hz <= high)
    assert np.all(power[:, inside].sum(axis=1) > 0.9 * power.sum(axis=1))
    assert np.array_equal(noise, synthetic_noise(kind, 60, FS, channels=3, seed=4))
    assert not np.array_equal(noise, synthetic_noise(kind, 60, FS, channels=3, seed=5))


def test_synthetic_noise_repeats_without_a_seam():
    noise = synthetic_noise("bw", 30, FS)
    step = np.abs(np.diff(noise, axis=1)).max()
    assert np.abs(noise[:, 0] - noise[:, -1]).max() < 2 * step


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("beats", lambda: qrs_amplitude(np.zeros((1, 100)), [], FS)),
        ("noise", lambda: noise_rms(np.zeros((1, 100)), FS)),
        ("noise", lambda: noise_rms(np.zeros(1000), FS)),
        ("noise", lambda: noise_factors(np.ones(1), np.zeros(1), 6)),
        ("snr_db", lambda: noise_factors(np.ones(1), np.ones(1), float("nan"))),
        ("noise", lambda: synthetic_noise("hiss", 60, FS)),
        ("duration_s", lambda: synthetic_noise("bw", 1, FS)),
    ],
)
def test_wrong_arguments_are_named(field, act):
    with pytest.raises(ScenarioError, match=rf"^{field}: "):
        act()
