"""P waves without QRS complexes: an asystole, in time, whatever the QRS detector makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detector.analyzer.offline import analyze
from detector.rhythm.waveform.standstill import NOWHERE, REACH, SMOOTH, latest, measure
from ecg_monitor.records.recording import Recording

FS = 360.0
STILL = (60.0, 90.0)
"""From when to when no complex comes, s."""


def recording(
    p_mv: float, noise_mv: float = 0.0, rate: float = 75.0, shrunk: float = 0.0, leads: int = 1
) -> Recording:
    """P waves throughout; QRS complexes and T waves but for a while, or only ``shrunk`` then."""
    t = np.arange(int(FS * 110)) / FS
    phase = np.mod(t, 60 / rate)
    qrs = np.exp(-0.5 * ((phase - 0.46) / 0.012) ** 2)
    qrs -= 0.25 * np.exp(-0.5 * ((phase - 0.49) / 0.012) ** 2)
    t_wave = 0.25 * np.exp(-0.5 * ((phase - 0.7) / 0.05) ** 2) if rate < 80 else 0.0
    still = (t > STILL[0]) & (t < STILL[1])
    p_wave = p_mv * np.exp(-0.5 * ((phase - 0.3) / 0.035) ** 2)
    signal = p_wave + (qrs + t_wave) * np.where(still, shrunk, 1.0)
    noise = np.random.default_rng(1).normal(0.0, 1.0, (leads, len(t))) * noise_mv
    parts = np.array([1.0, -0.6, 0.8])[:leads, None] * signal + noise
    names = ("II", "V1", "V5")[:leads]
    samples = np.round(200 * parts).astype(np.int16)
    return Recording("still", FS, names, (200.0,) * leads, (0.0,) * leads, samples)


def alarms(analysis: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [alarm for alarm in analysis["alarms"] if alarm["kind"] == kind]


@pytest.mark.parametrize("leads", [1, 3])
@pytest.mark.parametrize(("p_mv", "noise_mv"), [(0.1, 0.0), (0.2, 0.005), (0.3, 0.02)])
def test_p_waves_alone_are_an_asystole(p_mv: float, noise_mv: float, leads: int) -> None:
    analysis = analyze(recording(p_mv, noise_mv, leads=leads))
    (asystole,) = alarms(analysis, "asystole")
    last = max(b["time_s"] for b in analysis["beats"] if b["time_s"] < STILL[0])
    assert asystole["onset_s"] == pytest.approx(last, abs=0.05)
    assert asystole["decided_s"] - last <= 5.0
    assert STILL[1] < asystole["cleared_s"] < STILL[1] + 5.0


def test_a_fast_atrium_changes_nothing() -> None:
    (asystole,) = alarms(analyze(recording(0.2, 0.005, rate=110.0)), "asystole")
    assert asystole["decided_s"] - asystole["onset_s"] <= 5.0


@pytest.mark.parametrize("shrunk", [0.2, 0.35, 0.6])
def test_complexes_that_shrink_stay_beats(shrunk: float) -> None:
    analysis = analyze(recording(0.03, shrunk=shrunk))
    assert alarms(analysis, "asystole") == []
    beats = [b for b in analysis["beats"] if STILL[0] + 5 < b["time_s"] < STILL[1]]
    assert len(beats) >= 25


def test_the_rate_shown_is_zero() -> None:
    vitals = analyze(recording(0.2, 0.005))["vitals"]
    during = [v["heart_rate"] for v in vitals if STILL[0] + 5 < v["time_s"] < STILL[1] - 1]
    assert set(during) == {0.0}


@pytest.mark.parametrize("seed", range(8))
def test_the_last_complex_is_the_one_that_a_look_at_every_place_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    row = (0.02 * rng.normal(size=317)).astype(np.float32)
    for middle in rng.integers(40, 270, 3):
        row += rng.uniform(0.05, 1.0) * np.exp(-0.5 * ((np.arange(317) - middle) / 3.0) ** 2)
    places = range(row.size - REACH - SMOOTH - 1, REACH, -1)
    sizes = [(place, *measure(row, place)) for place in places]
    found = set()
    for steep in (0.0, 0.05, 0.2, 0.5, 9.0):
        for high in (0.05, 0.3, 0.6, 9.0):
            expected = [place for place, s, h in sizes if s >= steep or h >= high]
            assert latest(row, steep, high) == (expected[0] if expected else NOWHERE)
            found.add(latest(row, steep, high))
    assert NOWHERE in found
    assert len(found) > 1
