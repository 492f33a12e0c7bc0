"""Voltages that no ECG has are told, whatever lead; those of an ECG never are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detector.analyzer.analyzer import Analyzer
from ecg_monitor.core.types import Alarm, Packet, Vitals

FS = 360.0


def sent(packetize: Any, mv: np.ndarray, scale: float, cuts: int = 180, **more: Any) -> Any:
    """Packets of a device that sends ``mv``, and says a gain that makes it ``scale`` as large."""
    samples = np.round(mv * 200).astype(np.int16)
    return packetize(samples, FS, cuts, gain=200.0 / scale, **more)


def analysed(packets: list[Packet], restart: int = 0) -> list[Any]:
    analyzer, events = Analyzer(), []
    for i, packet in enumerate(packets):
        events += [event for output in analyzer.feed([packet]) for event in output.events]
        if restart and i % restart == restart - 1:
            saved, analyzer = analyzer.save(packet.device), Analyzer()
            analyzer.load(packet.device, saved)
    return events


def alarms(events: list[Any]) -> list[Alarm]:
    return [event for event in events if isinstance(event, Alarm)]


@pytest.fixture
def heart(pulses: Any) -> np.ndarray:
    """Two leads of a heart, 20 s, mV."""
    one = pulses(FS, 20, 70)[0] / 200.0
    return np.stack([one, 0.4 * one])


@pytest.mark.parametrize("scale", [150, 1000, 30_000, 0.001])
def test_a_wrong_unit_is_told_with_its_leads_and_nothing_else(
    heart: np.ndarray, packetize: Any, scale: float
) -> None:
    events = analysed(sent(packetize, heart, scale, leads=("I", "II")))
    (alarm,) = alarms(events)
    assert (alarm.kind, alarm.priority, alarm.lead) == ("amplitude", "technical", "I, II")
    assert alarm.decided_n <= 4 * FS
    span = np.median(np.ptp(heart[0].reshape(20, -1), axis=1)) * scale
    assert alarm.value is not None
    assert alarm.limit == (20.0 if scale > 1 else 0.02)
    assert 0.02 * span < alarm.value < span
    rates = [event.heart_rate for event in events if isinstance(event, Vitals)]
    assert set(rates[4:]) == {None}, "nothing is said of the heart"


@pytest.mark.parametrize("scale", [0.15, 1.0, 5.0])
@pytest.mark.parametrize("noise_mv", [0.0, 0.03, 1.0])
def test_what_a_heart_may_show_is_never_told(
    heart: np.ndarray, packetize: Any, scale: float, noise_mv: float
) -> None:
    noise = np.random.default_rng(1).normal(scale=noise_mv, size=heart.shape)
    wander = 2.0 * np.sin(np.arange(heart.shape[1]) / FS * 2)
    packets = sent(packetize, scale * heart + noise + wander, 1.0)
    assert "amplitude" not in {alarm.kind for alarm in alarms(analysed(packets))}


@pytest.mark.parametrize("gain", [200.0, 10_000.0])
def test_a_flat_line_with_noise_stays_an_asystole(packetize: Any, gain: float) -> None:
    """A fine converter resolves what is left on a flat line; that is no heart of another unit."""
    rng = np.random.default_rng(2)
    samples = np.round(rng.normal(scale=0.002, size=(2, round(40 * FS))) * gain).astype(np.int16)
    kinds = {alarm.kind for alarm in alarms(analysed(packetize(samples, FS, 180, gain=gain)))}
    assert "asystole" in kinds
    assert "amplitude" not in kinds


def test_high_pacemaker_pulses_are_no_wrong_unit(heart: np.ndarray, packetize: Any) -> None:
    """Pulses of 80 mV ahead of each beat, two of them, 1 sample each, in the signal itself."""
    spiky = heart.copy()
    for beat in np.flatnonzero((heart[0, 1:-1] > 0.9) & (np.diff(heart[0])[1:] <= 0)).tolist():
        spiky[:, max(0, beat - 40)] += 80.0
        spiky[:, max(0, beat - 100)] += 80.0
    kinds = {alarm.kind for alarm in alarms(analysed(sent(packetize, spiky, 1.0)))}
    assert "amplitude" not in kinds


def test_one_lead_of_another_unit_does_not_cost_the_others_their_beats(
    heart: np.ndarray, packetize: Any
) -> None:
    mixed = np.stack([heart[0], 150.0 * heart[0]])
    events = analysed(sent(packetize, mixed, 1.0, leads=("I", "II")))
    told = [(alarm.kind, alarm.lead) for alarm in alarms(events) if alarm.present]
    assert ("amplitude", "II") in told
    assert not [kind for kind, lead in told if kind.startswith("lead_") and lead == "II"]
    rates = [event.heart_rate for event in events if isinstance(event, Vitals)]
    assert rates[-1] == pytest.approx(70, abs=1)
    assert "asystole" not in {kind for kind, _ in told}


def test_it_ends_by_itself_and_the_heart_is_watched_again(
    heart: np.ndarray, pulses: Any, packetize: Any
) -> None:
    """As when somebody plugs the right amplifier in while the stream goes on."""
    silence = np.zeros((2, round(8 * FS)))
    mv = np.hstack([150 * heart, heart, silence])
    found = alarms(analysed(sent(packetize, mv, 1.0)))
    first, over = [alarm for alarm in found if alarm.kind == "amplitude"]
    assert (first.present, over.present) == (True, False)
    assert 20 * FS < over.decided_n <= 26 * FS
    (asystole,) = [alarm for alarm in found if alarm.kind == "asystole"]
    assert asystole.decided_n > 40 * FS
    assert {alarm.kind for alarm in found} <= {"amplitude", "asystole", "pause"}


def test_a_pulled_cable_is_no_wrong_unit(heart: np.ndarray, packetize: Any) -> None:
    """Three seconds of huge swings: an electrode that is put on."""
    mv = heart.copy()
    swing = slice(round(8 * FS), round(10.5 * FS))
    mv[:, swing] += 100 * np.sin(np.arange(swing.stop - swing.start) / FS * 20)
    kinds = {alarm.kind for alarm in alarms(analysed(sent(packetize, mv, 1.0)))}
    assert "amplitude" not in kinds


@pytest.mark.parametrize("cuts", [37, 500])
def test_it_depends_neither_on_packets_nor_on_restarts(
    heart: np.ndarray, packetize: Any, cuts: int
) -> None:
    mv = np.hstack([heart, 150 * heart, heart])
    whole = analysed(sent(packetize, mv, 1.0, cuts=10_000))
    assert analysed(sent(packetize, mv, 1.0, cuts=cuts), restart=3) == whole
    assert "amplitude" in {alarm.kind for alarm in alarms(whole)}
