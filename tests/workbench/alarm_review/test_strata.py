"""Ventricular tachycardias by annotated rhythm, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ecg_monitor.records import BeatMark, Recording, RhythmMark
from workbench.alarm_review.context import Reference
from workbench.alarm_review.strata import TachycardiaStrata

FS = 100.0
HOUR_S = 3600


def reference(symbols: str, *rhythms: tuple[int, str]) -> Reference:
    """An hour of annotations: a beat a second, and rhythms from so many seconds on."""
    beats = (BeatMark(round(i * FS), symbols[i % len(symbols)]) for i in range(HOUR_S))
    return Reference(
        Recording(
            *(
                "made up",
                FS,
                ("II",),
                (200.0,),
                (0.0,),
                np.zeros((1, round(HOUR_S * FS)), np.int16),
            ),
            beats=tuple(beats),
            rhythms=tuple(RhythmMark(round(at * FS), aux) for at, aux in rhythms),
        )
    )


@pytest.fixture
def rows() -> dict[str, dict]:
    strata = TachycardiaStrata()
    rhythms = ((0, "(N"), (900, "(SVTA"), (1200, "(AFIB"), (1800, "(AFL"), (2400, "(N"))
    strata.take(reference("NNV", *rhythms), [(100.0, "true"), (1000.0, "false"), (1799.0, "false")])
    strata.take(reference("LLV", (0, "(N")), [(5.0, "arguable")])
    return {row["group"]: row for row in strata.as_rows()}


def test_an_alarm_counts_in_the_rhythm_of_its_onset_and_in_all(rows):
    outcomes = ("true", "arguable", "false")
    counts = {name: tuple(row[one] for one in outcomes) for name, row in rows.items()}
    assert counts == {
        "all": (1, 1, 2),
        "supraventricular tachycardia": (0, 0, 1),
        "atrial fibrillation or flutter": (0, 0, 1),
        "bundle branch block": (0, 1, 0),
    }


def test_hours_are_those_of_the_rhythm(rows):
    hours = [row["hours"] for row in rows.values()]
    assert hours == pytest.approx([2.0, 300 / 3600, 1200 / 3600, 1.0], abs=1e-3)
    assert rows["all"]["false_per_24h"] == 24.0
    assert rows["supraventricular tachycardia"]["false_per_24h"] == pytest.approx(288, abs=0.5)


def test_a_rhythm_that_no_recording_has_has_no_rate():
    strata = TachycardiaStrata()
    strata.take(reference("N", (0, "(N")), [])
    rates = {row["group"]: row["false_per_24h"] for row in strata.as_rows()}
    assert rates["all"] == 0.0
    assert rates["bundle branch block"] is None
