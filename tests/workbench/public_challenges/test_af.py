"""The Challenge of 2017: answers by the stated rule, and the challenge's own score."""

import pytest

from ecg_monitor.core.errors import RecordError
from workbench.public_challenges import af
from workbench.public_challenges.af import RhythmSummary


@pytest.mark.parametrize(
    ("rhythms", "ectopic", "unusable", "irregular", "live", "at_end"),
    [
        ((), 0, 0.0, None, "N", "N"),
        ((), 0, 0.0, 0.9, "N", "A"),
        ((), 0, 0.0, 0.4, "N", "N"),
        (("af", "couplet"), 3, 0.0, 0.9, "A", "A"),
        (("atrial_flutter",), 0, 0.9, None, "A", "A"),
        ((), 1, 0.0, 0.1, "O", "O"),
        (("bigeminy",), 0, 0.0, None, "O", "O"),
        ((), 4, 0.6, None, "~", "~"),
    ],
)
def test_a_recording_is_called_by_the_rule(rhythms, ectopic, unusable, irregular, live, at_end):
    one = RhythmSummary(rhythms, ectopic, 30, unusable, irregular)
    assert (one.answer(), one.answer(at_end=True)) == (live, at_end)


def test_the_score_is_the_mean_f1_of_three_classes():
    found = af.score("NNAAOO~~", "NNAOOO~N")
    assert found["f1"] == {
        "N": pytest.approx(0.8),
        "A": pytest.approx(2 / 3),
        "O": pytest.approx(0.8),
        "~": pytest.approx(2 / 3),
    }
    assert found["mean_f1"] == pytest.approx((0.8 + 2 / 3 + 0.8) / 3)
    assert found["mean_f1_low"] <= found["mean_f1"] <= found["mean_f1_high"]
    assert found["af"] == {"se": 0.5, "sp": 1.0, "sp_normal": 1.0}
    assert found["confusion"][1] == [0, 1, 1, 0]


def test_what_was_named_is_counted_by_class():
    heard = [RhythmSummary(("af",), 0, 9, 0, None), RhythmSummary((), 2, 9, 0, None)]
    found = af.reasons(["A", "N"], heard)
    assert found["A"] == {"af": 1}
    assert found["N"] == {"ectopic beats": 1}


def test_a_table_that_is_missing_or_has_another_class_is_named(tmp_path):
    with pytest.raises(RecordError, match="no REFERENCE"):
        af.reference(tmp_path)
    (tmp_path / "REFERENCE.csv").write_text("A1,N\nA2,X\n")
    with pytest.raises(RecordError, match="A2: a class must be N A O ~"):
        af.reference(tmp_path)
    (tmp_path / "REFERENCE.csv").write_text("A1,N\nA2,~\n")
    assert af.reference(tmp_path) == {"A1": "N", "A2": "~"}
