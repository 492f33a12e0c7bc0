"""Ventricular fibrillation from the waveform, on synthetic patients and on real ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from detector.rhythm.conditions import Conditions
from detector.rhythm.waveform.fibrillation import LOW, LOWEST_MV, QRS, RATE, WINDOW, probability
from detector.rhythm.waveform.quality import measure
from detector.rhythm.waveform.watch import Watch
from ecg_monitor.core.types import Alarm, Episode
from ecg_monitor.records import Recording, read_record
from ecg_monitor.ward.limits.model import default_limits
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment
from tests.support.places import shared
from workbench.evaluate.waveform import seconds_of


def watch(recording: Recording) -> tuple[list[tuple[float, bool]], list[tuple[float, float]]]:
    """Times at which ``vf`` begins or ends, and its episodes, s."""
    limits = default_limits()
    fs = recording.fs
    rules, out = Watch.of(limits.vf), Conditions(fs, limits.priorities)
    raw, wide = seconds_of(recording)
    for index in range(len(raw)):
        n = round((index + 1) * fs)
        out.expire(n)
        rules.on_second(n, measure(raw[index]), wide[index], out)
    rules.forget(recording.n_samples, out)
    events = out.take()
    alarms = [(e.decided_n / fs, e.present) for e in events if isinstance(e, Alarm)]
    return alarms, [(e.n / fs, e.end_n / fs) for e in events if isinstance(e, Episode)]


def synthetic(*segments: Segment, seed: int = 5) -> Recording:
    scenario = Scenario(segments, loop=False)
    patient = SyntheticPatient(scenario, fs=250, seed=seed)
    block = patient.generate(sum(s.duration_s for s in segments))
    return Recording("synthetic", 250.0, ("II", "V1"), (200.0,) * 2, (0.0,) * 2, block.samples)


def real(database: str, name: str) -> Recording:
    return read_record(shared(f"data/{database}") / name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_onset_within_10_s_and_end(seed):
    recording = synthetic(Segment("sinus", 40), Segment("vf", 30), Segment("sinus", 40), seed=seed)
    alarms, episodes = watch(recording)
    assert [present for _, present in alarms] == [True, False]
    assert 40 < alarms[0][0] <= 50
    ((start, end),) = episodes
    assert start == pytest.approx(40, abs=4)
    assert end == pytest.approx(70, abs=9)


@pytest.mark.parametrize(
    "segment",
    [
        Segment("asystole", 60),
        Segment("sinus", 60, muscle_mv=0.15),
        Segment("sinus", 60, mains_mv=0.3),
        Segment("sinus", 60, wander_mv=1.0),
        Segment("sinus", 60, rate=150),
        Segment("sinus", 60, t_mv=1.2),
        Segment("af", 60),
        Segment("sinus", 60, pvc="bigeminy"),
        Segment("sinus", 60, conduction="lbbb"),
        Segment("paced", 60),
    ],
    ids=lambda segment: segment.rhythm,
)
def test_other_rhythms_and_noise_are_none(segment):
    assert watch(synthetic(segment)) == ([], [])


def test_flutter_of_record_207_is_told_in_time():
    recording = real("mitdb", "207")
    alarms, _ = watch(recording)
    begun = [at for at, present in alarms if present]
    first = next(m.sample for m in recording.rhythms if m.aux == "(VFL") / 360
    assert first < begun[0] <= first + 10


@pytest.mark.parametrize("name", ["100", "105", "203", "232"])
def test_no_alarm_in_other_patients(name):
    raised = [at for at, present in watch(real("mitdb", name))[0] if present]
    assert len(raised) <= (1 if name == "203" else 0)


def test_a_fine_line_is_asystole():
    fine = LOWEST_MV / 2.1 * np.sin(2 * np.pi * 5 * np.arange(WINDOW) / 250)
    assert probability(fine) == 0.0
    assert probability(fine * 10) > 0.5


def test_a_signal_that_is_no_number_is_none():
    waves = np.sin(2 * np.pi * 5 * np.arange(WINDOW) / RATE)
    for value in (np.nan, np.inf, -np.inf):
        spoilt = waves.copy()
        spoilt[600] = value
        assert probability(spoilt) == 0.0


def test_the_filters_are_those_that_they_are_said_to_be():
    low = signal.butter(2, 30.0, fs=RATE, output="sos")
    band = signal.butter(1, (13.0, 16.5), "bandpass", fs=RATE, output="sos")
    assert np.allclose(LOW, low, rtol=1e-12)
    assert np.allclose(QRS, band, rtol=1e-12)
