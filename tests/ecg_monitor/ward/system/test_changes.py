"""The journal: every change once, in order, each with a number of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.ward.system.changes import Journal, change_from_json, present_after
from ecg_monitor.ward.system.conditions import Condition, Kind

KINDS: tuple[Kind, ...] = ("analysis_late", "memory_low", "not_saved")
looks = st.lists(st.tuples(st.sets(st.sampled_from(KINDS)), st.floats(0, 100)), max_size=30)


@given(looks)
def test_the_changes_add_up_to_what_is_present(steps: list[tuple[set[Kind], float]]) -> None:
    """Whatever the clock does."""
    journal = Journal()
    for kinds, now in steps:
        present = {kind: Condition(kind, now) for kind in kinds}
        before = journal.last
        for change in journal.take(present, now):
            assert change.number > before
            before = change.number
            assert change.present == tuple(sorted(kinds))
        assert journal.present.keys() == kinds
        assert present_after(journal.after(0)).keys() == kinds
    log = [change_from_json(change.to_json()) for change in journal.after(0)]
    assert log == journal.after(0)
    again = Journal(log)
    assert again.last == journal.last
    assert again.present.keys() == journal.present.keys()


def test_after_gives_what_a_channel_has_not_told() -> None:
    journal = Journal()
    journal.take({"not_saved": Condition("not_saved", 1.0)}, 1.0)
    journal.take({}, 2.0)
    began, ended = journal.after(0)
    assert journal.after(began.number) == [ended]
    assert journal.after(ended.number) == []
    assert began.id == "system/1000"
