"""The guard of the engine's cost."""

import pytest

from workbench.bench.guard import STANDARD, Cost, cost, patient


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
