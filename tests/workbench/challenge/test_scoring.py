"""The score of the challenge."""

import pytest

from workbench.challenge.scoring import Tally, outcome


@pytest.mark.parametrize(
    ("is_true", "told", "expected"),
    [(True, True, "tp"), (True, False, "fn"), (False, True, "fp"), (False, False, "tn")],
)
def test_an_answer_is_right_or_wrong(is_true, told, expected):
    assert outcome(is_true=is_true, told=told) == expected


def test_a_missed_alarm_counts_as_five_false_ones():
    assert Tally(tp=10, tn=20, fp=10, fn=2).score == pytest.approx(30 / 50)
    assert Tally(tp=10, tn=20, fp=10, fn=2).count == 42


def test_nothing_defines_the_scores_of_nothing():
    found = Tally().as_map()
    assert (found["score"], found["sensitivity"], found["specificity"]) == (None, None, None)


def test_tallies_are_pooled():
    both = Tally(tp=1, fn=1).plus("tn") + Tally(fp=3)
    assert both == Tally(1, 1, 3, 1)
    assert both.sensitivity == 0.5
    assert both.specificity == 0.25
