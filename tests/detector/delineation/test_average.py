"""Averages: baseline comes off exactly, beats are aligned, strange ones stay out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.delineation import average
from detector.delineation.state import AVERAGE, AVERAGE_BEFORE, LEAD, fresh_bed
from detector.engine.state import STRIP, STRIP_BEFORE

RR = 200


@pytest.fixture
def bed():
    return fresh_bed()[0], np.zeros(2, LEAD)


def shape(at: float = STRIP_BEFORE, width: float = 4.0) -> np.ndarray:
    t = np.arange(STRIP) - at
    return np.exp(-0.5 * (t / width) ** 2) - 0.3 * np.exp(-0.5 * ((t - 9) / 4.0) ** 2)


def add(bed, beat: np.ndarray, peak: int, *, usable: int = 0b11) -> int:
    record, leads = bed
    strips = np.stack([beat, -beat]).astype(np.float32)
    room = np.empty(AVERAGE)
    shift = average.add(record, leads, strips, peak, RR, RR, usable, room)
    average.keep_knots(record, leads, strips, peak, normal=True)
    return shift


@settings(max_examples=30, deadline=None)
@given(level=st.floats(-2, 2), rise=st.floats(-0.001, 0.001), curve=st.floats(-2e-6, 2e-6))
def test_a_baseline_of_second_order_comes_off_exactly(level, rise, curve):
    t = np.arange(STRIP) - STRIP_BEFORE
    knots = np.zeros(STRIP)

    def drift(at: np.ndarray) -> np.ndarray:
        return level + rise * at + curve * at * at

    record, leads = fresh_bed()[0], np.zeros(1, LEAD)
    record["knot_peak"] = 0
    ahead = np.arange(average.KNOT_FROM, average.KNOT_UNTIL)
    leads[0]["knot"] = drift(ahead - RR).mean()
    out = np.empty(AVERAGE)
    strip = (knots + drift(t.astype(np.float64))).astype(np.float32)
    assert average.straighten(record, leads[0], strip, STRIP_BEFORE, RR, RR, out)
    assert np.abs(out).max() < 2e-4  # a mean over the knot is not its middle, and float32


def test_beats_are_aligned_by_their_complexes(bed):
    assert add(bed, shape(), 1000) == 0
    for i, late in enumerate((3, -4, 6)):
        assert add(bed, shape(STRIP_BEFORE + late), 1200 + i * RR) == late
    record, leads = bed
    mean = leads[0]["sum"] / leads[0]["count"]
    assert record["beats"] == 4
    assert mean[AVERAGE_BEFORE] == pytest.approx(shape()[STRIP_BEFORE], abs=1e-3)


def test_a_beat_of_another_shape_is_refused(bed):
    add(bed, shape(), 1000)
    assert add(bed, -shape(width=12.0), 1200) == average.SHIFT + 1
    record, leads = bed
    assert (record["beats"], record["refused"], leads[0]["count"]) == (1, 1, 1)


def test_a_lead_that_moves_is_left_out_alone(bed):
    add(bed, shape(), 1000)
    record, leads = bed
    beat = shape()
    strips = np.stack([beat, -beat]).astype(np.float32)
    strips[1, STRIP_BEFORE + 100 :] += 1.0
    average.add(record, leads, strips, 1200, RR, RR, 0b11, np.empty(AVERAGE))
    assert (leads[0]["count"], leads[1]["count"]) == (2, 1)


def test_a_detached_lead_has_no_say(bed):
    for i in range(3):
        add(bed, shape(), 1000 + i * RR, usable=0b10)
    assert bed[1]["count"].tolist() == [0, 3]


def test_it_is_due_after_ten_seconds_with_five_beats_or_at_a_break(bed):
    record, _ = bed
    assert not average.is_due(record, 5000, RR)
    add(bed, shape(), 1000)
    assert not average.is_due(record, 1000 + average.DUE, RR)  # one beat
    assert average.is_due(record, 1000 + average.OVERDUE, RR)
    assert average.is_due(record, 1100, 0)
    for i in range(1, average.LEAST_BEATS):
        add(bed, shape(), 1000 + i * RR)
    assert not average.is_due(record, 1000 + average.DUE - 1, RR)
    assert average.is_due(record, 1000 + average.DUE, RR)
