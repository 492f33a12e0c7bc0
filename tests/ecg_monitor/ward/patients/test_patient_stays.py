"""Whose signal the past of a bed is: every moment belongs to one span."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.ward.patients.stays import Span, past, spans
from ecg_monitor.ward.patients.trail import ChangeKind, Entry


def entry(what: ChangeKind, at: float, device: str = "bed-1", stay: str = "s1") -> Entry:
    return Entry(what, "A. Nurse", at, device, 1, stay, f"patient of {stay}")


def brief(found: list[Span]) -> list[tuple[str, str, float, float | None]]:
    return [(one.device, one.stay, one.since, one.until) for one in found]


def test_a_new_patient_begins_with_nothing_of_the_former() -> None:
    trail = [
        entry(ChangeKind.ADMITTED, 10, stay="s1"),
        entry(ChangeKind.CHANGED, 12, stay="s1"),
        entry(ChangeKind.DISCHARGED, 20, stay="s1"),
        entry(ChangeKind.ADMITTED, 30, stay="s2"),
    ]
    assert brief(past(trail, "bed-1", 0.0)) == [
        ("bed-1", "s2", 30, None),
        ("bed-1", "", 20, 30),
        ("bed-1", "s1", 10, 20),
        ("bed-1", "", 0, 10),
    ]
    assert past(trail, "bed-1", 0.0)[2].patient == "patient of s1"


def test_a_patient_keeps_what_was_recorded_at_another_bed() -> None:
    trail = [
        entry(ChangeKind.ADMITTED, 5, "bed-2", "s0"),
        entry(ChangeKind.ADMITTED, 10, "bed-1", "s1"),
        entry(ChangeKind.DISCHARGED, 15, "bed-2", "s0"),
        entry(ChangeKind.LEAVING, 20, "bed-1", "s1"),
        entry(ChangeKind.ARRIVED, 20.1, "bed-2", "s1"),
        entry(ChangeKind.LEFT, 20.2, "bed-1", "s1"),
    ]
    own, *others = past(trail, "bed-2", 0.0)
    assert own == Span("bed-2", "s1", "patient of s1", 20.1)
    assert ("bed-1", "s1", 10, 20.2) in brief(others)
    assert all(one.stay == "s1" for one in others if one.device != "bed-2")
    assert brief(past(trail, "bed-1", 0.0))[0] == ("bed-1", "", 20.2, None)


def test_an_admission_older_than_the_trail_is_known_by_its_end() -> None:
    (first, now) = spans([entry(ChangeKind.DISCHARGED, 20, stay="s1")], "bed-1")
    assert first == Span("bed-1", "s1", "patient of s1", 0.0, 20)
    assert now == Span("bed-1", "", "", 20)


def test_what_left_nothing_behind_is_not_offered() -> None:
    trail = [entry(ChangeKind.ADMITTED, 10), entry(ChangeKind.DISCHARGED, 20)]
    assert brief(past(trail, "bed-1", 15.0)) == [("bed-1", "", 20, None), ("bed-1", "s1", 10, 20)]
    assert brief(past(trail, "bed-1", 25.0)) == [("bed-1", "", 20, None)]


steps = st.lists(
    st.tuples(
        st.sampled_from(list(ChangeKind)), st.floats(1, 1e6), st.sampled_from(["bed-1", "bed-2"])
    ),
    max_size=20,
)


@given(steps)
def test_every_moment_belongs_to_one_span(chosen: list[tuple[ChangeKind, float, str]]) -> None:
    trail = [entry(what, at, device) for what, at, device in sorted(chosen, key=lambda one: one[1])]
    found = spans(trail, "bed-1")
    assert found[0].since == 0.0
    assert found[-1].until is None
    assert all(a.until == b.since for a, b in pairwise(found))
