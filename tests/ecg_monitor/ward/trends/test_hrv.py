"""Heart rate variability: series with known answers, and a record computed another way."""

from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.ward.trends.hrv import band_powers, intervals, variability

NORMAL = set("NLRej")


def series(length, rr_of):
    """Beats whose intervals follow ``rr_of(time)``."""
    times, rr = [0.0], [None]
    while times[-1] < length:
        rr.append(rr_of(times[-1]))
        times.append(times[-1] + rr[-1])
    return times, rr, ["N"] * len(times)


def test_powers_of_two_sines_are_found_in_their_bands():
    def rr(t):
        return 0.8 + 0.03 * np.sin(2 * np.pi * 0.1 * t) + 0.02 * np.sin(2 * np.pi * 0.25 * t)

    found = variability(intervals(*series(300, rr)))
    assert found is not None
    assert found.lf_ms2 == pytest.approx(30**2 / 2, rel=0.05)
    assert found.hf_ms2 == pytest.approx(20**2 / 2, rel=0.08)
    assert found.lf_hf == pytest.approx(450 / 200, rel=0.12)
    assert found.sdnn_ms == pytest.approx(np.sqrt(450 + 200), rel=0.02)
    assert found.mean_nn_ms == pytest.approx(800, rel=0.01)


@settings(deadline=None)
@given(st.floats(0.06, 0.13), st.floats(1, 80), st.floats(0.17, 0.37), st.floats(1, 80))
def test_powers_hold_for_any_sines_at_uneven_times(low_hz, low, high_hz, high):
    times = np.cumsum(0.8 + 0.1 * np.sin(np.arange(400)))
    values = (
        900 + low * np.sin(2 * np.pi * low_hz * times) + high * np.cos(2 * np.pi * high_hz * times)
    )
    both = band_powers(times, values)
    total = (low**2 + high**2) / 2
    assert both[0] == pytest.approx(low**2 / 2, abs=0.06 * total)
    assert both[1] == pytest.approx(high**2 / 2, abs=0.06 * total)


def test_intervals_that_alternate_have_known_numbers():
    n = 400
    rr = np.where(np.arange(n) % 2 == 0, 0.78, 0.84)
    times = np.cumsum(rr)
    found = variability(intervals(times.tolist(), rr.tolist(), ["N"] * n))
    assert found is not None
    assert found.rmssd_ms == pytest.approx(60)
    assert found.sdnn_ms == pytest.approx(30, rel=0.01)
    assert found.pnn50 == 1
    assert found.sd1_ms == pytest.approx(60 / np.sqrt(2), rel=0.01)
    assert found.sd2_ms == pytest.approx(0, abs=1e-9)


def test_a_ventricular_beat_takes_both_its_intervals_out_and_no_difference_spans_it():
    rr = [0.8, 0.8, 0.8, 0.5, 1.1, 0.8, 0.8]
    labels = ["N", "N", "N", "V", "N", "N", "N"]
    found = intervals(np.cumsum(rr).tolist(), rr, labels)
    assert found.clean.tolist() == [False, True, True, False, False, True, True]
    assert found.pairs.tolist() == [2, 6]


def test_a_missed_beat_is_no_interval_and_a_gap_joins_nothing():
    rr = [None, 0.8, 0.8, 0.8, 1.6, 0.8, 0.8, None, 0.8, 0.8]
    times = np.cumsum([one or 30.0 for one in rr]).tolist()
    found = intervals(times, rr, ["N"] * len(rr))
    assert len(found.rr) == 8
    assert found.rr[~found.clean].tolist() == [1.6]
    # Neither across the missed beat nor across the gap (between the 6th and the 7th interval).
    assert found.pairs.tolist() == [1, 2, 5, 7]


@pytest.mark.parametrize("case", ["short", "ectopic", "irregular", "empty"])
def test_no_number_is_better_than_a_wrong_one(case):
    times, rr, labels = series(300, lambda t: 0.8)
    if case == "short":
        times, rr, labels = times[:100], rr[:100], labels[:100]
    elif case == "ectopic":
        labels = ["V" if i % 5 == 0 else "N" for i in range(len(times))]
    elif case == "irregular":
        rng = np.random.default_rng(1)
        rr = [None, *rng.uniform(0.4, 1.2, len(times) - 1).tolist()]
        times = np.cumsum([one or 0 for one in rr]).tolist()
    else:
        times, rr, labels = [], [], []
    assert variability(intervals(times, rr, labels)) is None


@pytest.mark.parametrize("record", ["101", "115", "122"])
def test_a_record_gives_what_its_reference_annotations_give_directly(mitdb: Path, record):
    marks = wfdb.rdann(str(mitdb / record), "atr")
    every = zip(marks.sample / 360, marks.symbol, strict=True)
    beats = [(t, s) for t, s in every if s in "NLRejAaJSVEF/fQ" and 300 <= t < 600]
    times = [t for t, _ in beats]
    labels = ["N" if s in NORMAL else "V" for _, s in beats]
    rr = [None, *np.diff(times).tolist()]
    found = variability(intervals(times, rr, labels))
    assert found is not None
    # Another way: walk the annotations, beat by beat, without arrays.
    nn, changes = [], []
    before = None
    for i in range(1, len(times)):
        interval = 1000 * (times[i] - times[i - 1])
        near = sorted(
            1000 * (times[j] - times[j - 1])
            for j in range(max(1, i - 5), min(len(times), i + 6))
            if labels[j] == labels[j - 1] == "N"
        )
        normal = labels[i] == labels[i - 1] == "N"
        if not normal or abs(interval / near[len(near) // 2] - 1) > 0.2:
            before = None
            continue
        nn.append(interval)
        if before is not None:
            changes.append(interval - before)
        before = interval
    mean = sum(nn) / len(nn)
    assert found.sdnn_ms == pytest.approx(
        (sum((x - mean) ** 2 for x in nn) / (len(nn) - 1)) ** 0.5, rel=1e-6
    )
    assert found.rmssd_ms == pytest.approx((sum(x * x for x in changes) / len(changes)) ** 0.5)
    assert found.pnn50 == pytest.approx(sum(abs(x) > 50 for x in changes) / len(changes))
    assert found.sd1_ms == pytest.approx(found.rmssd_ms / 2**0.5, rel=0.01)
    assert found.sd1_ms**2 + found.sd2_ms**2 == pytest.approx(2 * found.sdnn_ms**2, rel=0.05)
    print(record, found)
