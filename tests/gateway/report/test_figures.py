"""The figures of a report, held against beats whose answer is known."""

import numpy as np
import pytest

from ecg_monitor.core.types import Beat, Measurement, Vitals
from ecg_monitor.records.recording import Recording
from gateway.export.excerpt import AlarmMark, Excerpt
from gateway.report.beats import Beats, pauses, rates, runs
from gateway.report.choice import choose
from gateway.report.summary import Summary, summarise

FS = 250.0


def row(labels: str, rr: float | list[float | None] = 1.0) -> Beats:
    """Beats of these classes; an interval that is None takes 10 s."""
    lengths = [rr] * len(labels) if isinstance(rr, float) else rr
    times, at = [], 0.0
    for one in lengths:
        at += 10.0 if one is None else one
        times.append(at)
    return Beats(times, list(labels), [None, *lengths[1:]])


def test_rates_are_means_of_eight_intervals():
    slow, fast = [1.5] * 8, [0.5] * 8
    beats = row("N" * 40, [1.0] * 12 + slow + [1.0] * 4 + fast + [1.0] * 8)
    found = rates(beats)
    assert found.lowest.value == pytest.approx(40.0)
    assert found.lowest.at_s == pytest.approx(12.0)
    assert found.highest.value == pytest.approx(120.0)
    assert found.highest.at_s == pytest.approx(12 + 12 + 4)
    assert found.mean == pytest.approx(60 * 39 / (23 + 12 + 4))


def test_no_rate_over_what_is_not_known():
    assert rates(row("", [])).mean is None
    assert rates(row("N" * 8)).lowest is None  # eight beats have seven intervals
    assert rates(row("N" * 9)).lowest.value == pytest.approx(60.0)
    assert rates(row("N" * 8 + "Q" + "N" * 8)).lowest is None
    assert rates(row("N" * 16, [1.0] * 8 + [None] + [1.0] * 7)).lowest is None


def test_pauses_are_intervals_of_two_seconds_that_are_known():
    beats = row("NNNNN", [1.0, 2.0, 1.99, None, 3.2])
    longest, other = pauses(beats)
    assert (longest.value, other.value) == (3.2, 2.0)
    assert longest.at_s == pytest.approx(14.99)
    assert other.at_s == pytest.approx(1.0)


def test_runs_end_with_another_class_and_where_a_beat_may_be_missing():
    beats = row("NVVVNVVNVVVVVV", [0.5] * 11 + [None, 0.4, 0.4])
    found = runs(beats, "V")
    assert [(run.beats, round(run.bpm)) for run in found] == [(3, 120), (3, 120), (3, 150)]
    assert found[0].start_s == pytest.approx(1.0)
    assert [run.beats for run in runs(beats, "V", 2, 2)] == [2]
    assert runs(beats, "S") == []


def excerpt(seconds: float, alarms=(), offset_s: float = 0.0) -> Excerpt:
    n = round(seconds * FS)
    recording = Recording("r", FS, ("II",), (200.0,), (0.0,), np.zeros((1, n), np.int16))
    return Excerpt(recording, tuple(alarms), offset_s)


def summary(seconds: float, labels: str, alarms=(), offset_s: float = 0.0) -> Summary:
    """Beats once a second from second 1 of the source on, one vitals and one average as well."""
    events = []
    for i, label in enumerate(labels):
        n = round((i + 1) * FS)
        events.append(Beat(n, label, {}, None, 1.0 if i else None, n))
        events.append(Vitals(n, 60.0, "good" if i % 4 else "poor"))
    n = round(0.5 * seconds * FS)
    events.append(
        Measurement(n + round(offset_s * FS), 10, 60.0, {}, 90.0, None, 400.0, 400.0, 400.0)
    )
    return summarise(excerpt(seconds, alarms, offset_s), events)


def test_an_interval_counts_what_lies_in_it():
    found = summary(8.0, "NNNNNNVVVNNNNNNNNNNN", offset_s=4.0)
    assert found.beats.times == [float(i) for i in range(8)]
    assert sum(found.counts.values()) == len(found.beats.times) == 8
    assert found.counts["V"] == 3
    assert found.burden("V") == pytest.approx(3 / 8)
    assert found.beats.rr[0] is None
    assert found.quality_s["good"] + found.quality_s["poor"] == 8.0
    assert found.intervals.qtc_ms == 400.0
    assert found.intervals.pr_ms is None
    assert (found.intervals.count, found.intervals.qt_count, found.intervals.pr_count) == (1, 1, 0)
    assert found.intervals.longest_qtc.at_s == pytest.approx(4.0)
    assert found.variability is None


def test_alarms_are_counted_by_kind_within_the_interval():
    alarms = [
        AlarmMark("af", "medium", -5.0, 4.0),
        AlarmMark("af", "medium", 6.0, None),
        AlarmMark("vt", "high", 1.0, 3.0),
    ]
    found = summary(20.0, "N" * 19, alarms)
    assert [(one.kind, one.count, one.total_s) for one in found.alarms] == [
        ("vt", 1, 2.0),
        ("af", 2, 18.0),
    ]
    assert found.af_s == 18.0
    assert found.af_longest == (14.0, 6.0)


def test_variability_of_windows_of_five_minutes():
    beats = [0.8 + 0.05 * (-1) ** i for i in range(800)]
    at, events = 0.0, []
    for i, rr in enumerate(beats):
        at += rr
        n = round(at * FS)
        events.append(Beat(n, "N", {}, None, rr if i else None, n))
    found = summarise(excerpt(at + 1), events).variability
    assert found.windows == 2
    assert found.rmssd_ms == pytest.approx(100.0, rel=0.01)
    assert found.pnn50 == 1.0
    assert found.sdnn_ms == pytest.approx(50.0, rel=0.01)


def test_what_matters_most_is_shown_first_and_once():
    alarms = [AlarmMark("vt", "high", 20.0, 25.0), AlarmMark("af", "medium", 40.0, None)]
    labels = "N" * 20 + "VVV" + "N" * 30 + "S" + "N" * 5
    what = excerpt(60.0, alarms)
    strips = choose(what, summary(60.0, labels, alarms))
    assert (strips[0].what, strips[0].kind) == ("alarm", "vt")
    kinds = [strip.what for strip in strips]
    assert "v_run" not in kinds  # the strip of the alarm shows it, and says so
    assert "v_run" in [one.what for one in strips[0].also]
    assert {"S", "N", "highest"} <= set(kinds)
    middles = sorted(strip.middle_s for strip in strips)
    assert min(np.diff(middles)) >= 2.0
    assert choose(excerpt(10.0), summary(10.0, "")) == []
