"""How long messages are gathered: by what comes, and never for long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.broker.reception import GATHER_S, IN_FLIGHT, MOST_GATHER_S, gather_s
from ingest.service import BATCH


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_messages_are_gathered_for_longer_within_bounds(few: int, many: int) -> None:
    few, many = sorted((few, many))
    assert GATHER_S == gather_s(0) <= gather_s(few) <= gather_s(many) <= MOST_GATHER_S


def test_a_ward_at_full_rate_does_not_fill_what_is_in_flight() -> None:
    """Else the broker would wait for acknowledgements: ten thousand messages a second."""
    assert 10_000 * MOST_GATHER_S < BATCH < IN_FLIGHT
