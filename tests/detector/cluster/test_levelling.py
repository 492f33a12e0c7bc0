"""What moves next, until all is level."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detector.cluster.levelling import Move, next_move


def test_a_newcomer_is_given_from_the_fullest() -> None:
    owned = {"a": [0, 1, 2], "b": [3], "c": []}
    assert next_move(owned) == Move(2, "a", "c")


def test_what_differs_by_one_stays() -> None:
    assert next_move({"a": [0, 1], "b": [2]}) is None


def test_one_that_leaves_is_emptied_whatever_others_have() -> None:
    assert next_move({"a": [0], "b": [1, 2, 3]}, ["a"]) == Move(0, "a", "b")


def test_nobody_is_left_to_take() -> None:
    assert next_move({"a": [0]}, ["a"]) is None
    assert next_move({}) is None


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=24),
    st.sets(st.integers(0, 5), max_size=4),
)
def test_moves_end_with_all_level(owners: list[int], leaving: set[int]) -> None:
    owned = {str(name): {p for p, one in enumerate(owners) if one == name} for name in range(6)}
    gone = {str(name) for name in leaving}
    moves = 0
    while (move := next_move(owned, gone)) is not None:
        owned[move.source].remove(move.partition)
        owned[move.target].add(move.partition)
        moves += 1
        assert moves <= len(owners)
    counts = [len(held) for name, held in owned.items() if name not in gone]
    assert max(counts) - min(counts) < 2
    assert not any(owned[name] for name in gone)
    assert sum(map(len, owned.values())) == len(owners)
