"""The guard of the engine's cost."""

import pytest

from workbench.bench.guard import MOST_CALLS, STANDARD, Cost, calls, cost, patient


def test_only_the_ratio_is_judged():
    quick, slow = Cost(100.0, 50.0), Cost(1000.0, 500.0)
    assert quick.ratio == slow.ratio == 2.0
    assert Cost(1.4 * STANDARD, 1.0).is_within(1.5)
    assert not Cost(1.6 * STANDARD, 1.0).is_within(1.5)


def test_engine_and_loop_are_measured():
    found = cost(runs=1, beds=2, seconds=1.0)
    assert found.bed_us > 0
    assert found.loop_us > 0
    assert patient().duration_s == pytest.approx(90.0)


def test_a_bed_calls_no_more_functions_than_it_did():
    """What a bed costs may not creep up: a change that wants more says so in `STANDARD_CALLS`."""
    found = calls()
    assert 0.5 * MOST_CALLS < found <= MOST_CALLS


def test_calls_are_counted_alike_whatever_else_the_machine_does():
    assert calls(beds=5, seconds=1.0) == calls(beds=5, seconds=1.0) > 0
