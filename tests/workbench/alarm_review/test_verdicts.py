"""Verdicts on alarms from made-up annotations."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.records import BeatMark, Recording, RhythmMark
from ecg_monitor.ward.limits.model import default_limits
from workbench.alarm_review.context import Reference
from workbench.alarm_review.verdicts import JUDGED, RaisedAlarm, judge

FS = 100.0
LIMITS = default_limits()


def annotated(*beats: tuple[float, str], rhythms: tuple[tuple[float, str], ...] = ()) -> Reference:
    """A minute with beats and changes of rhythm at these times."""
    return Reference(
        Recording(
            "made-up",
            FS,
            ("II",),
            (200.0,),
            (0.0,),
            np.zeros((1, 6000), np.int16),
            beats=tuple(BeatMark(round(at * FS), symbol) for at, symbol in beats),
            rhythms=tuple(RhythmMark(round(at * FS), aux) for at, aux in rhythms),
        )
    )


def row(symbols: str, rr_s: float, start_s: float = 20.0) -> list[tuple[float, str]]:
    return [(start_s + i * rr_s, symbol) for i, symbol in enumerate(symbols)]


def outcome(kind: str, reference: Reference, onset_s: float, decided_s: float) -> str:
    return judge(RaisedAlarm(kind, onset_s, decided_s), reference, LIMITS).outcome


def test_there_is_a_rule_for_every_high_priority_alarm():
    assert {kind for kind, level in LIMITS.priorities.items() if level == "high"} == JUDGED


@pytest.mark.parametrize(
    ("silent_s", "expected"), [(6.0, "true"), (4.0, "true"), (3.5, "arguable"), (1.0, "false")]
)
def test_asystole_by_the_reference_silence(silent_s, expected):
    before = row("N" * 11, 1.0, 10.0)
    reference = annotated(*before, *row("N" * 10, 1.0, 20.0 + silent_s))
    assert outcome("asystole", reference, 20.0, 24.4) == expected


@pytest.mark.parametrize(
    ("kind", "count", "rr_s", "expected"),
    [
        ("extreme_bradycardia", 8, 1.6, "true"),
        ("extreme_bradycardia", 8, 1.47, "arguable"),
        ("extreme_bradycardia", 8, 1.2, "false"),
        ("extreme_bradycardia", 3, 1.6, "false"),
        ("extreme_tachycardia", 30, 0.40, "true"),
        ("extreme_tachycardia", 30, 0.44, "arguable"),
        ("extreme_tachycardia", 30, 0.60, "false"),
    ],
)
def test_rates_by_the_reference_beats(kind, count, rr_s, expected):
    assert outcome(kind, annotated(*row("N" * count, rr_s)), 20.0, 27.0) == expected


@pytest.mark.parametrize(
    ("symbols", "rr_s", "expected"),
    [
        ("NNVVVVVVNN", 0.4, "true"),
        ("NNVVVVNN", 0.4, "arguable"),
        ("NNVVVVVVNN", 0.65, "arguable"),
        ("NNVVFVaVNN", 0.4, "arguable"),
        ("NNVVNVVNVVNN", 0.4, "false"),
        ("NNLLLLLLLLNN", 0.4, "false"),
        ("NNVVVVVVNN", 0.8, "false"),
    ],
)
def test_ventricular_tachycardia_by_the_reference_classes(symbols, rr_s, expected):
    assert outcome("vt", annotated(*row(symbols, rr_s)), 21.0, 24.0) == expected


def test_sustained_tachycardia_must_last():
    assert outcome("vt_sustained", annotated(*row("V" * 90, 0.4)), 20.0, 51.0) == "true"
    assert outcome("vt_sustained", annotated(*row("V" * 20, 0.4)), 20.0, 51.0) == "arguable"


def test_rhythm_annotations_decide_where_there_are_no_beats():
    flutter = annotated(rhythms=((0.0, "(N"), (18.0, "(VFL"), (40.0, "(N")))
    assert outcome("vf", flutter, 20.0, 27.0) == "true"
    assert outcome("vt", flutter, 20.0, 27.0) == "true"
    assert outcome("vf", flutter, 50.0, 57.0) == "false"


def test_tachycardia_told_as_fibrillation_is_arguable():
    assert outcome("vf", annotated(*row("V" * 20, 0.3)), 20.0, 25.0) == "arguable"


def test_a_run_far_from_the_alarm_does_not_count():
    assert outcome("vt", annotated(*row("V" * 8, 0.4), *row("N" * 9, 0.8, 40)), 41, 44) == "false"
