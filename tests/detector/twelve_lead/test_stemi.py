"""ST elevation: the guideline's limits, contiguous leads, two windows in a row."""

from __future__ import annotations

import pytest

from detector.twelve_lead.st_levels import StLevels
from detector.twelve_lead.stemi import ElevationRule, elevation, unmeasured


def levels(**raised):
    flat = dict.fromkeys(("I", "II", "III", "aVR", "aVL", "aVF"), 0.0)
    return flat | {f"V{i}": 0.0 for i in range(1, 7)} | raised


@pytest.mark.parametrize(
    ("raised", "leads"),
    [
        ({"II": 0.12, "III": 0.2, "aVF": 0.16}, ("II", "III", "aVF")),
        ({"I": 0.1, "aVL": 0.1}, ("I", "aVL")),
        ({"V1": 0.11, "V2": 0.26}, ("V1", "V2")),
        ({"V1": 0.11, "V2": 0.24}, ()),
        ({"V2": 0.24, "V3": 0.24}, ()),
        ({"V3": 0.26, "V4": 0.1}, ("V3", "V4")),
        ({"V4": 0.3, "V6": 0.3}, ()),
        ({"aVR": 0.3, "V1": 0.3}, ()),
        ({"II": 0.3, "aVL": 0.3}, ()),
    ],
)
def test_two_contiguous_leads_beyond_their_limits(raised, leads):
    found = elevation(levels(**raised), 0.1, 0.25)
    assert (found.leads if found else ()) == leads


def test_the_lead_farthest_above_its_limit_is_named():
    found = elevation(levels(V2=0.3, V3=0.5, V4=0.3), 0.1, 0.25)
    assert (found.lead, found.level, found.limit) == ("V3", 0.5, 0.25)
    lower = elevation(levels(V2=0.16, V3=0.18), 0.1, 0.15)
    assert lower.leads == ("V2", "V3"), "the limit of a woman"


INFERIOR = elevation(levels(II=0.2, III=0.2), 0.1, 0.25)
ANTERIOR = elevation(levels(V3=0.4, V4=0.4), 0.1, 0.25)


def test_two_windows_in_a_row_begin_and_two_end_it():
    rule = ElevationRule()
    shown = [INFERIOR, None, INFERIOR, ANTERIOR, ANTERIOR, None, INFERIOR, None, None]
    told = [(rule.take(10 * i, one), rule.ended()) for i, one in enumerate(shown)]
    assert told == [(None, None)] * 4 + [(30, None)] + [(None, None)] * 3 + [(None, 30)]


def test_windows_without_levels_end_it_when_nobody_knows_any_more():
    rule = ElevationRule()
    rule.take(0, INFERIOR)
    assert rule.take(10, INFERIOR) == 0
    ended = []
    for _ in range(4):
        rule.pass_over()
        ended.append(rule.ended())
    assert ended == [None, None, 0, None]


def test_a_wide_complex_is_not_judged():
    assert unmeasured(None) == "few_beats"
    assert unmeasured(StLevels(160.0, levels())) == "wide_qrs"
    assert unmeasured(StLevels(112.0, levels())) is None
    assert unmeasured(StLevels(112.0, levels()), ("CD", "LBBB")) == "wide_qrs"
