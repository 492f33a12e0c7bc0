"""How regular the waves between the QRST complexes are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detector.analyzer.offline import analyze
from detector.rhythm.beats import Beats
from detector.rhythm.waveform.flutter import EVERY_S, KEPT_S, Flutter
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.records import Recording
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment

FS = 250.0


def atria(kind: str, seed: int = 0) -> tuple[np.ndarray, Beats]:
    """Waves on the second of two leads, with beats at irregular intervals: mV at 250 Hz."""
    rng = np.random.default_rng(seed)
    n = int(KEPT_S * FS)
    if kind == "flutter":
        phase = 2 * np.pi * 4.8 * np.arange(n) / FS
    else:  # the rate wanders as in fibrillation, or there is noise only
        phase = 2 * np.pi * np.cumsum(5.5 + np.cumsum(rng.normal(0, 0.12, n))) / FS
    waves = 0.1 * (np.sin(phase) + 0.4 * np.sin(2 * phase)) * (kind != "noise")
    signal = np.stack([np.zeros(n), waves]) + rng.normal(0, 0.03, (2, n))
    beats = Beats(FS)
    at = 0.5
    while at < KEPT_S - 1.5:
        beats.add(round(at * FS), "N")
        at += float(rng.uniform(0.6, 1.1))
    return signal.astype(np.float32), beats


def taken(signal: np.ndarray, *, good: bool = True) -> Flutter:
    flutter = Flutter()
    for second in np.split(signal, KEPT_S, axis=1):
        flutter.on_second(second, np.array([True, good]))
    return flutter


@pytest.mark.parametrize("seed", range(5))
def test_flutter_keeps_step_fibrillation_does_not(seed):
    signal, beats = atria("flutter", seed)
    found = taken(signal).measure(beats, signal.shape[1])
    assert found is not None
    assert found > 0.8
    for other in ("fibrillation", "noise"):
        signal, beats = atria(other, seed)
        found = taken(signal).measure(beats, signal.shape[1])
        assert found is not None
        assert found < 0.5


def test_a_lead_that_was_not_usable_for_all_of_it_is_left_out():
    signal, beats = atria("flutter")
    found = taken(signal, good=False).measure(beats, signal.shape[1])
    assert found is not None
    assert found < 0.3


def test_it_is_due_every_five_seconds():
    signal, beats = atria("flutter")
    flutter = taken(signal)
    n = signal.shape[1]
    assert flutter.measure(beats, n) is not None
    again = Flutter()
    codec.unpack(again, codec.pack(flutter))
    for _ in range(EVERY_S):
        assert again.measure(beats, n) is None
        again.on_second(signal[:, :250], np.array([True, True]))
        n += 250
    assert again.measure(beats, n) is not None


@pytest.mark.parametrize("labels", ["V", "N"])
def test_too_little_between_the_complexes_tells_nothing(labels):
    signal, _ = atria("flutter")
    beats = Beats(FS)
    for i in range(1, 30):
        beats.add(round(i * FS * (0.9 if labels == "V" else 0.42)), labels)
    flutter = taken(signal)
    assert flutter.measure(beats, signal.shape[1]) is None
    flutter.forget()
    assert flutter.measure(beats, signal.shape[1]) is None


def analysed(*segments: Segment) -> dict[str, Any]:
    patient = SyntheticPatient(Scenario(segments, loop=False), fs=FS, seed=1)
    block = patient.generate(sum(segment.duration_s for segment in segments))
    return analyze(Recording("r", FS, patient.leads, (200.0,) * 2, (0.0,) * 2, block.samples))


def test_flutter_with_varying_conduction_and_fibrillation_on_the_stream():
    found = analysed(Segment("flutter", 150, av_ratio=0, atrial_rate=290), Segment("af", 120))
    flutter, af = (
        [e for e in found["episodes"] if e["kind"] == kind] for kind in ("atrial_flutter", "af")
    )
    assert len(flutter) == len(af) == 1
    assert flutter[0]["start_s"] < 2
    assert flutter[0]["end_s"] == af[0]["start_s"] == pytest.approx(150, abs=30)
    kinds = [a["kind"] for a in found["alarms"] if a["kind"] in ("atrial_flutter", "af")]
    assert kinds == ["atrial_flutter", "af"]
