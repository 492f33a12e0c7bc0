"""Averaged beats."""

import numpy as np
import pytest

from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal.average import AFTER_S, BEFORE_S, average, join

FS = 200.0


def packet(n0: int, values: list[int], leadoff: tuple[str, ...] = ()) -> Packet:
    samples = np.array([values, [2 * one for one in values]], np.int16)
    gain, baseline = (100.0, 200.0), (50.0, 0.0)
    return Packet("d", "b", 0, n0, 0.0, FS, ("I", "II"), gain, baseline, samples, leadoff)


def test_a_lead_is_laid_out_in_millivolt_with_gaps():
    first, signal = join([packet(10, [50, 150]), packet(14, [250]), packet(11, [999])], 0)
    assert first == 10
    assert np.allclose(signal, [0, 1, np.nan, np.nan, 2], equal_nan=True), "the first arrival wins"
    _, other = join([packet(0, [100], ("I",)), packet(1, [100])], 0)
    assert np.allclose(other, [np.nan, 0.5], equal_nan=True), "a detached lead says nothing"


def test_beats_are_averaged_by_class_about_their_level():
    before, after = round(BEFORE_S * FS), round(AFTER_S * FS)
    shape = np.zeros(before + after)
    shape[before] = 1.0
    signal = np.full(6000, np.nan)
    beats = []
    for i in range(11):
        at = 200 + 400 * i
        size = 1 + (i - 5) / 10
        signal[at - before : at + after] = 3 + i + size * shape
        beats.append((at, "N"))
    signal[5000 - before : 5000 + after] = -2 * shape
    beats += [(5000, "V"), (5900, "V"), (30, "N")]  # the last two: beside a gap, at the edge
    normal, ventricular = average(signal, FS, beats, ("N", "S", "V"))
    assert (normal.label, normal.count) == ("N", 11)
    assert normal.mean[before] == pytest.approx(1)
    assert (normal.low[before], normal.high[before]) == pytest.approx((0.6, 1.4))
    assert normal.mean[0] == pytest.approx(0)
    assert (ventricular.label, ventricular.count) == ("V", 1)
    assert ventricular.mean[before] == pytest.approx(-2)


def test_ventricular_beats_of_two_forms_are_averaged_apart():
    before, after = round(BEFORE_S * FS), round(AFTER_S * FS)
    n = np.arange(before + after) - before
    upright = np.exp(-((n / 12.0) ** 2))
    biphasic = -np.exp(-(((n + 6) / 9.0) ** 2)) + 1.2 * np.exp(-(((n - 14) / 9.0) ** 2))
    signal, beats = np.zeros(9000), []
    for i, shape in enumerate([upright, upright, biphasic, upright, biphasic] * 3):
        at = 300 + 500 * i
        signal[at - before : at + after] = (1 + i / 50) * shape
        beats.append((at, "V"))
    many, few = average(signal, FS, beats, ("N", "V"))
    assert [(one.label, one.form, one.count) for one in (many, few)] == [("V", 1, 9), ("V", 2, 6)]
    assert min(many.mean) > -0.2, "no beat of the other form is in it"
    assert min(few.mean) < -0.6
    (alone,) = average(signal, FS, [beat for i, beat in enumerate(beats) if i % 5 < 2], ("V",))
    assert (alone.form, alone.count) == (0, 6), "one form needs no number"
