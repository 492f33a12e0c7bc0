"""A finding begins with two windows of three and ends with two that do not show it."""

from detector.twelve_lead.lasting import BedFindings, Change


def shown(lasting, *windows):
    return [list(lasting.judged(10 * i, labels)) for i, labels in enumerate(windows)]


def test_one_window_decides_nothing():
    lasting = BedFindings()
    assert shown(lasting, ("AF",), (), (), ("AF",)) == [[], [], [], []]
    assert lasting.present == {}


def test_two_of_three_begin_and_two_of_three_end():
    lasting = BedFindings()
    told = shown(lasting, ("AF",), (), ("AF", "PVC"), (), ("AF",), (), ())
    assert told == [
        [], [], [Change("AF", True, 0)], [Change("AF", False, 0, "gone")],
        [Change("AF", True, 20)], [Change("AF", False, 20, "gone")], [],
    ]  # fmt: skip


def test_windows_that_cannot_be_judged_end_a_finding_at_last():
    lasting = BedFindings()
    shown(lasting, ("LBBB",), ("LBBB",))
    assert [list(lasting.passed_over()) for _ in range(3)] == [
        [], [], [Change("LBBB", False, 0, "unjudged")],
    ]  # fmt: skip
    assert list(lasting.judged(90, ("LBBB",))) == [], "it must be shown twice again"


def test_a_window_that_cannot_be_judged_does_not_count_against_it():
    lasting = BedFindings()
    shown(lasting, ("LBBB",), ("LBBB",))
    list(lasting.passed_over())
    list(lasting.judged(30, ()))
    assert lasting.present == {"LBBB": 0}
    assert list(lasting.end("stay")) == [Change("LBBB", False, 0, "stay")]
