"""The order in which rows of the engine are worked on."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detector.engine.rows import in_turns
from detector.engine.state import EVENT, PEAK, READY, SECOND, TICK

KINDS = st.sampled_from((PEAK, READY, SECOND, TICK))


def rows_of(kinds_and_slots: list[tuple[int, int]]) -> np.ndarray:
    rows = np.zeros(len(kinds_and_slots), EVENT)
    for row, (kind, slot) in zip(rows, kinds_and_slots, strict=True):
        row["kind"], row["slot"] = kind, slot
    return rows


@given(st.lists(st.tuples(KINDS, st.integers(0, 5))))
def test_each_row_has_its_turn_and_those_of_a_device_stay_in_order(
    kinds_and_slots: list[tuple[int, int]],
) -> None:
    rows = rows_of(kinds_and_slots)
    places = in_turns(rows).tolist()
    assert sorted(places) == list(range(len(rows)))
    of_device = defaultdict(list)
    for place in places:
        of_device[rows[place]["slot"]].append(place)
    assert all(some == sorted(some) for some in of_device.values())


def test_the_same_is_done_for_one_device_after_another() -> None:
    rows = rows_of([(kind, slot) for slot in (4, 2) for kind in (SECOND, TICK, PEAK)])
    kinds = rows["kind"][in_turns(rows)].tolist()
    assert kinds == [SECOND, SECOND, TICK, TICK, PEAK, PEAK]
