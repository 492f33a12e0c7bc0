"""What the QRS detector must find, and must not, on made-up signals."""

import numpy as np
import pytest

FS = 360.0
DECISION_S = 0.5
LEARNING_S = 2.5


def at_rate(bpm: float, seconds: float, start: float = 0.4) -> np.ndarray:
    """Times of beats."""
    return np.arange(start, seconds - 0.3, 60 / bpm)


@pytest.mark.parametrize("bpm", [15, 20, 30, 45, 60, 100, 150, 200, 250, 300])
def test_rates_from_15_to_300_bpm(detect, make_ecg, bpm):
    seconds = max(30.0, 15 * 60 / bpm)
    true = at_rate(bpm, seconds)
    found = detect(make_ecg(FS, true, seconds), FS)
    missed = found.misses(true, 0.05)
    assert not missed[missed > 1].size  # nothing is known yet in the first second
    assert missed.size <= (1 if bpm == 300 else 0)
    assert not found.inventions(true, 0.05).size


@pytest.mark.parametrize("mv", [0.15, 0.3, 1.0, 5.0, -0.15, -1.0, -5.0])
def test_amplitudes_either_way_up(detect, make_ecg, mv):
    true = at_rate(72, 30)
    clean = make_ecg(FS, true, 30, noise_mv=0.0)
    found = detect(mv * clean + np.random.default_rng(1).normal(0, 0.005, clean.size), FS)
    assert not found.misses(true).size
    assert not found.inventions(true).size


@pytest.mark.parametrize("fs", [50.0, 100.0, 128.0, 250.0, 360.0, 500.0, 1000.0])
def test_sampling_rates_and_the_time_of_r(detect, make_ecg, fs):
    true = at_rate(80, 30)
    found = detect(make_ecg(fs, true, 30), fs)
    assert len(found.at) == len(true)
    assert np.abs(found.at - true).max() <= 0.010
    assert np.nanmax(np.abs(found.rr - 0.75)) <= 0.009


@pytest.mark.parametrize("width_s", [0.03, 0.08, 0.12, 0.16])
def test_narrow_and_wide_complexes(detect, make_ecg, width_s):
    true = at_rate(70, 40)
    found = detect(make_ecg(FS, true, 40, width_s=width_s), FS)
    assert not found.misses(true).size
    assert not found.inventions(true).size


@pytest.mark.parametrize("t_mv", [0.5, 1.2, -1.2])
@pytest.mark.parametrize("bpm", [50, 80])
def test_tall_t_waves_are_not_counted(detect, make_ecg, t_mv, bpm):
    true = at_rate(bpm, 40)
    found = detect(make_ecg(FS, true, 40, t_mv=t_mv), FS)
    assert not found.misses(true).size
    assert not found.inventions(true).size


@pytest.mark.parametrize("p_mv", [0.3, 0.45])
def test_tall_p_waves_are_not_counted(detect, make_ecg, p_mv):
    true = at_rate(70, 40)
    found = detect(make_ecg(FS, true, 40, p_mv=p_mv), FS)
    assert not found.misses(true).size
    assert not found.inventions(true).size


@pytest.mark.parametrize("spike_mv", [2.0, -3.0])
def test_pacer_spikes_are_not_counted_twice(detect, make_ecg, spike_mv):
    true = at_rate(70, 40)
    paced = make_ecg(FS, true, 40, width_s=0.15, p_mv=0.0)
    for at in true:  # the spike, 2 ms, comes 80 ms before the R peak of a paced beat
        n = round((at - 0.08) * FS)
        paced[n : n + 1] += spike_mv
    found = detect(paced, FS)
    assert not found.misses(true).size
    assert not found.inventions(true).size


def test_a_drop_to_a_third_is_followed_within_3_s(detect, make_ecg):
    true = at_rate(70, 60)
    signal = make_ecg(FS, true, 60)
    signal[round(30 * FS) :] /= 3
    found = detect(signal, FS)
    missed = found.misses(true)
    assert not missed[(missed < 30) | (missed > 33)].size
    assert not found.inventions(true).size


def test_a_threefold_rise_is_followed(detect, make_ecg):
    true = at_rate(70, 60)
    signal = make_ecg(FS, true, 60)
    signal[: round(30 * FS)] /= 3
    found = detect(signal, FS)
    assert not found.misses(true).size
    assert not found.inventions(true).size


def test_beats_are_found_again_after_a_gap(detect, make_ecg):
    true = at_rate(70, 60)
    gap = (round(20 * FS), round(30 * FS))
    found = detect(make_ecg(FS, true, 60), FS, gaps=(gap,))
    present = true[(true < 19.9) | (true > 30.1)]
    assert not found.misses(present).size
    after = found.at >= 30
    assert np.isnan(found.rr[after][0])
    assert np.max((found.decided - found.at)[after]) <= DECISION_S


@pytest.mark.parametrize("rail_mv", [5.0, -5.0])
def test_recovery_within_2_s_from_a_saturation_of_3_s(detect, make_ecg, rail_mv):
    true = at_rate(70, 60)
    signal = make_ecg(FS, true, 60)
    signal[round(30 * FS) : round(33 * FS)] = rail_mv
    found = detect(signal, FS)
    seen = true[(true < 29.9) | (true > 35)]
    assert not found.misses(seen).size
    invented = found.inventions(true)
    assert not invented[(invented < 29.9) | (invented > 35)].size


@pytest.mark.parametrize("after_beats", [True, False])
def test_noise_up_to_50_uv_is_no_rhythm(detect, make_ecg, after_beats):
    rng = np.random.default_rng(3)
    true = at_rate(70, 20)
    noise = rng.uniform(-0.025, 0.025, round(60 * FS))
    signal = np.concatenate([make_ecg(FS, true, 20), noise]) if after_beats else noise
    found = detect(signal, FS)
    assert len(found.at) == (len(true) if after_beats else 0)


@pytest.mark.parametrize("hum_hz", [50.0, 60.0])
def test_mains_hum_is_no_rhythm(detect, hum_hz):
    t = np.arange(round(30 * FS)) / FS
    found = detect(0.1 * np.sin(2 * np.pi * hum_hz * t), FS)
    assert not found.at[found.at < 29.5].size  # its sudden end is an edge


@pytest.mark.parametrize("state", ["off", "flat", "noisy", "saturated"])
@pytest.mark.parametrize("bad", [0, 1])
def test_a_bad_lead_does_not_hurt_a_good_one(detect, make_ecg, state, bad):
    true = at_rate(70, 60)
    good = make_ecg(FS, true, 60)
    leads = np.vstack([good, 0.7 * good])
    rest = slice(round(15 * FS), None)
    if state == "noisy":
        leads[bad, rest] += np.random.default_rng(4).normal(0, 0.4, leads[bad, rest].size)
    else:
        leads[bad, rest] = 4.9 if state == "saturated" else 0.0
    off = (lambda n0: (1 << bad) if n0 >= 15 * FS else 0) if state == "off" else (lambda _: 0)
    found = detect(leads, FS, leadoff=off)
    assert not found.misses(true).size
    invented = found.inventions(true)
    assert not invented[np.abs(invented - 15) > 0.5].size  # the step itself is anyone's guess


def test_a_lead_that_returns_is_used_again(detect, make_ecg):
    true = at_rate(70, 60)
    leads = np.vstack([make_ecg(FS, true, 60)] * 2)
    leads[0, round(20 * FS) : round(30 * FS)] = 0
    leads[1, round(40 * FS) :] = 0
    found = detect(leads, FS)
    assert not found.misses(true).size


@pytest.mark.parametrize("bpm", [40, 75, 180, 280])
def test_a_decision_falls_within_half_a_second_of_r(detect, make_ecg, bpm):
    true = at_rate(bpm, 40)
    found = detect(make_ecg(FS, true, 40, width_s=0.06), FS)
    regular = found.at > LEARNING_S
    assert regular.any()
    assert np.max((found.decided - found.at)[regular]) <= DECISION_S
