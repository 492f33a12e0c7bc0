"""Heart rate and alarms on synthesized signals, after ANSI/AAMI EC13 and IEC 60601-2-27.

These go through the whole engine, from packets on. Beats carry no labels here.
"""

from __future__ import annotations

from typing import Any

import pytest

from detector.analyzer.offline import analyze
from ecg_monitor.records import Recording
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment

FS = 250.0


def analysed(*segments: Segment) -> dict[str, Any]:
    """Analyse a quiet synthetic patient, lead II, in packets of 250 ms."""
    scenario = Scenario(segments, loop=False, variety=0.0)
    patient = SyntheticPatient(scenario, fs=FS, leads=("II",), seed=4)
    block = patient.generate(sum(s.duration_s for s in segments))
    recording = Recording("ec13", FS, ("II",), (200.0,), (0.0,), block.samples)
    return analyze(recording, packet_ms=250)


def steady(rate: float, seconds: float = 30, **more: Any) -> Segment:
    return Segment("sinus", seconds, rate=rate, hrv=0.0, respiration_depth=0.0, **more)


def rates(analysis: dict[str, Any], start_s: float, end_s: float) -> list[float | None]:
    return [v["heart_rate"] for v in analysis["vitals"] if start_s <= v["time_s"] < end_s]


@pytest.mark.parametrize("rate", [15, 20, 30, 45, 60, 80, 100, 120, 150, 180, 200, 250, 300])
def test_rate_within_1_bpm_or_1_percent(rate):
    analysis = analysed(steady(rate, 50))
    shown = rates(analysis, 25, 49)
    assert shown == pytest.approx([rate] * len(shown), abs=max(1.0, 0.01 * rate))


@pytest.mark.parametrize("target", [120, 40])
def test_a_step_is_shown_in_8_s(target):
    analysis = analysed(steady(80, 40), steady(target, 30))
    shown = rates(analysis, 48, 69)
    assert shown == pytest.approx([target] * len(shown), abs=max(2.0, 0.02 * target))


@pytest.mark.parametrize(("target", "kind"), [(130, "tachycardia"), (45, "bradycardia")])
def test_a_limit_alarm_within_10_s_of_the_step(target, kind):
    analysis = analysed(steady(80, 40), steady(target, 30))
    (alarm,) = analysis["alarms"]
    assert alarm["kind"] == kind
    assert 40 < alarm["raised_s"] <= 50


def test_asystole_within_5_s_of_the_last_beat():
    analysis = analysed(steady(75, 30), Segment("asystole", 15))
    last = analysis["beats"][-1]["time_s"]
    assert last == pytest.approx(30, abs=1.0)
    told = {alarm["kind"]: alarm for alarm in analysis["alarms"]}
    assert 4.0 <= told["asystole"]["raised_s"] - last <= 5.0


@pytest.mark.parametrize("t_mv", [0.6, 1.2])
def test_tall_t_waves_are_not_counted(t_mv):
    analysis = analysed(steady(80, 40, t_mv=t_mv))
    shown = rates(analysis, 10, 39)
    assert shown == pytest.approx([80] * len(shown), abs=1)


@pytest.mark.parametrize("spike_mv", [2.0, 20.0])
def test_pacer_pulses_are_not_counted(spike_mv):
    analysis = analysed(Segment("paced", 40, rate=70, spike_mv=spike_mv))
    shown = rates(analysis, 10, 39)
    assert shown == pytest.approx([70] * len(shown), abs=2)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_fast_ventricular_tachycardia_is_alarmed_within_6_s(scale):
    analysis = analysed(
        steady(80, 30), Segment("vt", 20, rate=206, irregularity=0.0, vt_form=0, qrs_mv=scale)
    )
    high = [a for a in analysis["alarms"] if a["priority"] == "high"]
    assert high
    assert high[0]["raised_s"] - 30 < 6


@pytest.mark.parametrize(
    ("rate", "forms"),
    [(80, 1), (60, 1), (120, 1), (90, 2)],
    ids=["3a-bigeminy", "3b-slow", "3c-rapid", "3d-bidirectional"],
)
def test_the_rate_of_an_irregular_rhythm_counts_every_beat(rate, forms):
    steadily = {"hrv": 0.0, "respiration_depth": 0.0, "pvc_forms": forms}
    analysis = analysed(Segment("sinus", 40, rate=rate, pvc="bigeminy", **steadily))
    shown = rates(analysis, 12, 39)
    assert shown == pytest.approx([rate] * len(shown), abs=max(1.0, 0.01 * rate))
