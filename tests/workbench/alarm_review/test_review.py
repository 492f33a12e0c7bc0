"""A review of synthetic patients, from packets to the page."""

from __future__ import annotations

import re

import pytest

from ecg_monitor.records import BeatMark, Recording, RhythmMark
from simulator.synthetic.patient import SyntheticPatient
from simulator.synthetic.scenario import Scenario
from simulator.synthetic.segments import Segment
from workbench.alarm_review.page import render_html
from workbench.alarm_review.review import AlarmReview
from workbench.alarm_review.tables import render

FS = 250.0
RHYTHMS = ((0, "(N"), (20, "(VT"), (40, "(N"))


@pytest.fixture(scope="module")
def reviews() -> tuple[AlarmReview, AlarmReview]:
    """The same tachycardia, annotated as such, and as sinus rhythm."""
    segments = (
        Segment("sinus", 20, rate=80, hrv=0.0),
        Segment("vt", 20, rate=180, irregularity=0.0),
        Segment("sinus", 10, rate=80, hrv=0.0),
    )
    patient = SyntheticPatient(Scenario(segments, loop=False), fs=FS, leads=("II", "V1"), seed=4)
    samples = patient.generate(50).samples
    calm = [BeatMark(round(at * 0.75 * FS), "N") for at in range(1, 66)]
    true, false = AlarmReview(), AlarmReview()
    for review, rhythms in ((true, RHYTHMS), (false, RHYTHMS[:1])):
        marks = tuple(RhythmMark(round(at * FS), aux) for at, aux in rhythms)
        review.add(
            Recording(
                *("made<up", FS, ("II", "V1"), (200.0,) * 2, (0.0,) * 2, samples),
                beats=tuple(calm),
                rhythms=marks,
            )
        )
    return true, false


def test_alarms_are_judged_and_counted(reviews):
    true, false = (review.as_map() for review in reviews)
    assert true["high"]["vt"]["raised"] >= 1
    assert true["high"]["vt"]["raised"] == true["high"]["vt"]["true"]
    assert false["high"]["vt"]["raised"] == false["high"]["vt"]["false"]
    assert true["hours"] == pytest.approx(50 / 3600, abs=1e-3)
    kinds = {(row["priority"], row["kind"]) for row in true["counts"]}
    assert ("high", "vt") in kinds


def test_an_alarm_tells_what_decided_it_and_what_the_reference_has(reviews):
    alarm = next(a for a in reviews[0].as_map()["alarms"] if a["kind"] == "vt")
    assert alarm["onset_s"] < alarm["decided_s"] <= alarm["raised_s"]
    assert alarm["value"] == pytest.approx(180, abs=10)
    assert "(VT" in alarm["rhythms"]
    assert alarm["reason"] == "rhythm (VT"


def test_the_page_shows_every_alarm_with_a_strip_and_asks_nothing_of_others(reviews):
    for review in reviews:
        page = render_html(review)
        assert "Alarms per bed and day" in page
        assert page.count("<svg") == len(review.entries)
        assert page.count('class="trace"') == 2 * len(review.entries)
        assert "made<up" not in page
        assert not re.search(r'(src|href)="|@import|url\(', page)


def test_a_strip_shows_found_and_reference_beats(reviews):
    strip = next(e.strip for e in reviews[0].entries if e.fields["kind"] == "vt")
    assert re.search(r'class="beat found ectopic"[^>]*>V<', strip)
    assert re.search(r'class="beat reference"[^>]*>N<', strip)


def test_tables_have_a_row_for_each(reviews):
    outcomes, tachycardias, doubtful, load, counts = render(reviews[1].as_map())
    assert load.row_count == 5 + len(reviews[1].counts)
    assert "187 audible, Drew 2014" in load.title
    assert outcomes.row_count == 6
    assert tachycardias.row_count == 4
    assert doubtful.row_count == len(reviews[1].entries)
    assert counts.row_count == len(reviews[1].counts)
