"""Rows of the engine by name, and the order in which they are worked on."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from detector.engine.rows import BeatRow, PeakRow, Row, SecondRow, TickRow, in_turns

KINDS = {
    PeakRow: lambda slot: PeakRow(slot, 0, 0, None, 1.0),
    BeatRow: lambda slot: BeatRow(slot, 0, 0, -1, -1, 3),
    SecondRow: lambda slot: SecondRow(slot, 0, 0, 0, 0.0, 0),
    TickRow: lambda slot: TickRow(slot, 0, 0, None, 0.0, 0),
}
ROWS = st.lists(
    st.builds(lambda kind, slot: KINDS[kind](slot), st.sampled_from(list(KINDS)), st.integers(0, 5))
)


@given(ROWS)
def test_each_row_has_its_turn_and_those_of_a_device_stay_in_order(rows: list[Row]) -> None:
    places = in_turns(rows)
    assert sorted(places) == list(range(len(rows)))
    of_device = defaultdict(list)
    for place in places:
        of_device[rows[place].slot].append(place)
    assert all(some == sorted(some) for some in of_device.values())


def test_the_same_is_done_for_one_device_after_another() -> None:
    rows = [KINDS[kind](slot) for slot in (4, 2) for kind in (SecondRow, TickRow, PeakRow)]
    kinds = [type(rows[place]) for place in in_turns(rows)]
    assert kinds == [SecondRow, SecondRow, TickRow, TickRow, PeakRow, PeakRow]
