"""Pauses between tries."""

from __future__ import annotations

from ecg_monitor.core.remote.backoff import Backoff


def test_pauses_double_to_a_bound_and_begin_anew() -> None:
    backoff = Backoff(0.5, 3.0)
    assert [backoff.next_s() for _ in range(6)] == [0.5, 1.0, 2.0, 3.0, 3.0, 3.0]
    backoff.reset()
    assert backoff.next_s() == 0.5


def test_chance_spreads_them_over_the_upper_half() -> None:
    chances = iter([0.0, 1.0, 0.5, 0.0])
    backoff = Backoff(1.0, 4.0, lambda: next(chances))
    assert [backoff.next_s() for _ in range(4)] == [0.5, 2.0, 3.0, 2.0]
