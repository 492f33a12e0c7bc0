import gc
import math
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import ScenarioError
from simulator.synthetic import (
    LEADS,
    Block,
    LeadoffSpan,
    Scenario,
    Segment,
    SyntheticPatient,
    scenario_names,
)

EVENTFUL = Scenario(
    (
        Segment("sinus", 5, rate=90, pvc="runs", pvc_per_min=40, run_beats=3),
        Segment("vf", 3),
        Segment("af", 4, leadoff=("V1",), leadoff_shape="hum"),
        Segment("paced", 3, inverted=("II",)),
        Segment("flutter", 3, saturated=("II",)),
    )
)


def joined(blocks: list[Block]) -> Block:
    """Put blocks together; touching lead-off spans become one."""
    spans: list[LeadoffSpan] = []
    for span in (span for block in blocks for span in block.leadoff):
        touches = spans and spans[-1].lead == span.lead and spans[-1].end == span.start
        start = spans.pop().start if touches else span.start
        spans.append(LeadoffSpan(start, span.end, span.lead))
    return Block(
        blocks[0].n0,
        np.concatenate([block.samples for block in blocks], axis=1),
        tuple(mark for block in blocks for mark in block.beats),
        tuple(mark for block in blocks for mark in block.rhythms),
        tuple(mark for block in blocks for mark in block.episodes),
        tuple(spans),
    )


def assert_same(one: Block, other: Block) -> None:
    assert one.n0 == other.n0
    assert np.array_equal(one.samples, other.samples)
    assert one.beats == other.beats
    assert one.rhythms == other.rhythms
    assert sorted(one.episodes) == sorted(other.episodes)
    assert one.leadoff == other.leadoff


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 3000), min_size=1, max_size=12),
    seed=st.integers(0, 50),
    fs=st.sampled_from([125.0, 250.0, 333.3, 360.0]),
)
def test_signal_does_not_depend_on_how_it_is_read(cuts, seed, fs):
    whole = SyntheticPatient(EVENTFUL, fs, seed=seed).read(sum(cuts))
    patient = SyntheticPatient(EVENTFUL, fs, seed=seed)
    assert_same(joined([patient.read(n) for n in cuts]), whole)


def test_single_samples_give_the_same_signal():
    whole = SyntheticPatient(EVENTFUL, 100).read(2300)
    patient = SyntheticPatient(EVENTFUL, 100)
    assert_same(joined([patient.read(1) for _ in range(2300)]), whole)


def test_seed_decides_everything():
    one, same = (SyntheticPatient("ward-mix", seed=7).generate(20) for _ in range(2))
    other = SyntheticPatient("ward-mix", seed=8).generate(20)
    assert_same(one, same)
    assert not np.array_equal(one.samples, other.samples)
    assert one.beats != other.beats


def test_rhythm_does_not_depend_on_rate_or_leads():
    one = SyntheticPatient("ward-mix", 250, ("II",), seed=3).generate(300)
    other = SyntheticPatient("ward-mix", 500, ("II", "V5", "aVR"), seed=3).generate(300)
    assert [beat.symbol for beat in one.beats] == [beat.symbol for beat in other.beats]
    apart = np.array([b.sample / 250 for b in one.beats]) - [b.sample / 500 for b in other.beats]
    assert np.max(np.abs(apart)) <= 0.003


@pytest.mark.parametrize("name", scenario_names())
def test_every_built_in_scenario_runs(name):
    patient = SyntheticPatient(name, 250, LEADS, seed=2)
    block = patient.generate(min(patient.scenario.duration_s, 300) + 5)
    assert block.samples.shape[0] == 12
    assert block.samples.dtype == np.int16
    assert len(block.rhythms) >= 1
    assert block.rhythms[0].sample == 0
    samples = [beat.sample for beat in block.beats]
    assert samples == sorted(set(samples))
    assert all(block.n0 <= sample < block.n1 for sample in samples)
    if name not in {"lead-off", "noisy"}:
        assert np.abs(block.samples).max() < 200 * 8


@pytest.mark.parametrize("rate", [15, 30, 60, 100, 150, 200, 250, 300])
@pytest.mark.parametrize("hrv", [0.0, 0.04])
def test_rate_is_exact(quiet_patient, rate, hrv):
    block = quiet_patient("sinus", rate=rate, hrv=hrv).generate(240)
    peaks = np.array([beat.sample for beat in block.beats]) / 360
    measured = 60 * (len(peaks) - 1) / (peaks[-1] - peaks[0])
    assert measured == pytest.approx(rate, rel=0.01)


PEAK_CASES = {
    "normal": ("sinus", {"rate": 70}),
    "fast": ("sinus", {"rate": 300}),
    "slow": ("sinus", {"rate": 15}),
    "lbbb": ("sinus", {"conduction": "lbbb"}),
    "rbbb": ("sinus", {"conduction": "rbbb"}),
    "pvc": ("sinus", {"pvc": "bigeminy", "pvc_forms": 3}),
    "runs": ("sinus", {"pvc": "runs", "pvc_per_min": 20.0}),
    "pac": ("sinus", {"pac_per_min": 15.0}),
    "fusion": ("sinus", {"pvc": "single", "fusion": 1.0, "pvc_per_min": 20.0}),
    "af": ("af", {}),
    "svt": ("svt", {}),
    "vt": ("vt", {"rate": 220}),
    "escape": ("av-block-3", {}),
    "paced": ("paced", {"spike_mv": 0.1}),
    "atrial": ("paced", {"spike_mv": 0.1, "pacing": "atrial"}),
    "flutter": ("flutter", {}),
    "wenckebach": ("av-block-2-i", {}),
    "junctional": ("junctional", {}),
}


@pytest.mark.parametrize("lead", ["II", "V1", "V5", "aVR"])
@pytest.mark.parametrize("case", PEAK_CASES)
def test_beats_are_annotated_at_the_peak(quiet_patient, case, lead):
    rhythm, parameters = PEAK_CASES[case]
    block = quiet_patient(rhythm, leads=(lead,), variety=0.5, **parameters).generate(30)
    signal = block.samples[0].astype(float)
    near, around = round(0.010 * 360), round(0.030 * 360)
    for beat in block.beats:
        if not around < beat.sample < len(signal) - around:
            continue
        window = signal[beat.sample - around : beat.sample + around + 1]
        side = np.sign(signal[beat.sample] - np.median(signal))
        peak = int(np.argmax(side * window)) - around
        assert abs(peak) <= near, (beat, peak)


@pytest.mark.parametrize("qrs_mv", [0.15, 0.5, 1.0, 5.0])
@pytest.mark.parametrize(
    ("rhythm", "parameters"),
    [("sinus", {}), ("sinus", {"conduction": "lbbb"}), ("vt", {"rate": 100}), ("junctional", {})],
)
def test_qrs_amplitude_is_as_asked(quiet_patient, qrs_mv, rhythm, parameters):
    block = quiet_patient(rhythm, fs=1000, variety=0.5, qrs_mv=qrs_mv, **parameters).generate(20)
    heights = [abs(int(block.samples[0, beat.sample])) / 200 for beat in block.beats[1:]]
    assert heights == pytest.approx([qrs_mv] * len(heights), rel=0.03, abs=0.006)


@pytest.mark.parametrize("t_mv", [1.2, 0.1, -0.4])
def test_t_amplitude_is_as_asked(quiet_patient, t_mv):
    block = quiet_patient("sinus", fs=500, rate=60, hrv=0.0, t_mv=t_mv).generate(20)
    for beat in block.beats[1:-1]:
        wave = block.samples[0, beat.sample + 75 : beat.sample + 225] / 200
        assert wave[np.argmax(np.abs(wave))] == pytest.approx(t_mv, abs=0.02)


@pytest.mark.parametrize("st_mv", [-0.2, 0.0, 0.1, 0.3])
@pytest.mark.parametrize("lead", ["II", "V3", "aVL"])
def test_st_shift_is_as_asked(quiet_patient, st_mv, lead):
    parameters = {"rate": 60, "hrv": 0.0, "st_mv": st_mv, "st_lead": lead}
    block = quiet_patient("sinus", fs=500, leads=(lead, "I"), **parameters).generate(20)
    signal = block.samples[0] / 200
    timing = quiet_patient("sinus", fs=500, leads=("II",), **parameters).generate(20)
    for beat in timing.beats[1:-1]:
        isoelectric = signal[beat.sample - 34]
        # J + 60 ms: the J point lies 52 ms after the reference time of a normal beat.
        assert signal[beat.sample + 56] - isoelectric == pytest.approx(st_mv, abs=0.02)


def test_leads_obey_einthoven_and_goldberger():
    block = SyntheticPatient("noisy", 250, LEADS, seed=5).generate(10)
    lead = dict(zip(LEADS, block.samples.astype(int), strict=True))
    assert np.max(np.abs(lead["III"] - (lead["II"] - lead["I"]))) <= 2
    assert np.max(np.abs(2 * lead["aVR"] + lead["I"] + lead["II"])) <= 3
    assert np.max(np.abs(2 * lead["aVL"] - 2 * lead["I"] + lead["II"])) <= 3
    assert np.max(np.abs(2 * lead["aVF"] - 2 * lead["II"] + lead["I"])) <= 3


def test_inverted_lead_is_the_negative(quiet_patient):
    upright = quiet_patient("sinus").generate(10).samples
    swapped = quiet_patient("sinus", inverted=("II",)).generate(10).samples
    assert np.array_equal(swapped[0], -upright[0])
    assert np.array_equal(swapped[1], upright[1])


@pytest.mark.parametrize(("shape", "level"), [("flat", 0), ("rail", 2000)])
def test_detached_lead(quiet_patient, shape, level):
    block = quiet_patient("sinus", leadoff=("V1",), leadoff_shape=shape).generate(10)
    assert (block.samples[1] == level).all()
    assert block.samples[0].max() > 150
    assert block.leadoff == (LeadoffSpan(0, 3600, "V1"),)
    assert len(block.beats) > 5


def test_detached_lead_without_report(quiet_patient):
    block = quiet_patient("sinus", leadoff=("all",), leadoff_flag=False).generate(5)
    assert not block.samples.any()
    assert block.leadoff == ()


def test_saturated_lead_sits_at_the_rail(quiet_patient):
    block = quiet_patient("sinus", saturated=("II",)).generate(5)
    assert (block.samples[0] == 2000).all()
    assert block.leadoff == ()


def test_noise_levels_are_as_asked(quiet_patient):
    for lead in ("I", "aVF", "V2"):
        patient = quiet_patient("asystole", leads=(lead,), muscle_mv=0.2)
        limb_or_chest = 1.0 if lead != "aVF" else math.sqrt(0.75)
        rms = patient.generate(30).samples.std() / 200
        assert rms == pytest.approx(0.2 * limb_or_chest, rel=0.05)
        hum = quiet_patient("asystole", leads=(lead,), mains_mv=0.5).generate(10).samples
        assert hum.std() / 200 * math.sqrt(2) == pytest.approx(0.5 * limb_or_chest, rel=0.05)


def test_gain_baseline_and_rail():
    plain = SyntheticPatient("sinus", seed=1).generate(5).samples
    scaled = SyntheticPatient("sinus", seed=1, gain=1000, baseline=100, rail_mv=0.5).generate(5)
    wanted = np.clip(plain / 200, -0.5, 0.5) * 1000 + 100
    assert np.max(np.abs(scaled.samples - wanted)) <= 3


def held_by_simulator():
    """Bytes that lines of the simulator have asked for; other threads hold what they like."""
    ours = tracemalloc.Filter(True, "*/simulator/*")
    snapshot = tracemalloc.take_snapshot().filter_traces([ours])
    return sum(trace.size for trace in snapshot.traces)


def test_memory_stays_bounded():
    patient = SyntheticPatient("vf-arrest", 50)
    held = []
    tracemalloc.start()
    try:
        for _ in range(10):
            # One pass of the scenario each.
            for _ in range(90):
                patient.read(100)
            gc.collect()
            held.append(held_by_simulator())
    finally:
        tracemalloc.stop()
    assert held[0] > 0
    # numpy keeps some freed blocks; samples held back would be 36 kB a pass, beats 12 kB.
    assert held[-1] - held[0] < 100_000


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("fs", {"fs": 10}),
        ("fs", {"fs": float("nan")}),
        ("leads", {"leads": ()}),
        ("leads", {"leads": ("II", "V9")}),
        ("leads", {"leads": ("II", "II")}),
        ("seed", {"seed": -1}),
        ("gain", {"gain": 0}),
        ("rail_mv", {"rail_mv": 200}),
    ],
)
def test_wrong_arguments_are_named(field, arguments):
    with pytest.raises(ScenarioError, match=rf"^{field}: "):
        SyntheticPatient("sinus", **arguments)


def test_reading_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        SyntheticPatient("sinus").read(0)


@pytest.mark.serial
def test_far_faster_than_real_time():
    patient = SyntheticPatient("ward-mix", seed=1)
    patient.generate(10)
    start = time.process_time()
    patient.generate(600)
    assert 600 / (time.process_time() - start) > 200


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rhythm=st.sampled_from(["sinus", "af", "svt", "vt", "paced", "pauses", "av-block-2-i"]),
    rate=st.integers(15, 300),
    seed=st.integers(0, 1000),
)
def test_beats_keep_their_order_at_any_rate(rhythm, rate, seed):
    scenario = Scenario((Segment(rhythm, 20, rate=rate), Segment("asystole", 3)))
    block = SyntheticPatient(scenario, 200, seed=seed).generate(46)
    samples = [beat.sample for beat in block.beats]
    assert samples == sorted(set(samples))
