"""Whether a number of beds was held, and the search for the largest."""

import pytest

from workbench.bench.whole.verdict import GOAL_MS, is_busy, largest, why_not_held

GOOD = {
    **{stage: {"p99": GOAL_MS, "count": 100} for stage in ("ingest", "beat", "label", "frame")},
    "alert": {"p99": None, "count": 0},
}


def why_not(**what):
    asked = {"beds": 4, "live": 4, "lost": 0, "dropped": 0, "delay_ms": GOOD, **what}
    return why_not_held(**asked)


def test_all_is_held_without_an_alarm_that_did_not_come():
    assert why_not() == []


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"live": 3}, "1 of 4 beds were not followed"),
        ({"lost": 7}, "7 samples were lost"),
        ({"dropped": 2}, "dropped 2 messages"),
        ({"delay_ms": GOOD | {"frame": {"p99": 300.5, "count": 9}}}, "frame: p99"),
        ({"delay_ms": GOOD | {"alert": {"p99": 301.0, "count": 1}}}, "alert: p99"),
        ({"delay_ms": GOOD | {"label": {"p99": None, "count": 0}}}, "label: nothing was seen"),
    ],
)
def test_what_is_not_held_is_told(what, words):
    (reason,) = why_not(**what)
    assert words in reason


@pytest.mark.parametrize("limit", [0, 1, 2, 15, 16, 17, 100, 333, 999, 1000, 5000])
@pytest.mark.parametrize("first", [1, 16, 300])
def test_the_search_ends_close_below_the_limit_and_asks_for_each_number_once(limit, first):
    asked = []

    def holds(number):
        asked.append(number)
        return number <= limit

    found = largest(holds, first, 1000)
    assert found <= limit
    assert found >= min(limit, 1000) - max(1, 0.1 * found) + (found == limit)
    assert found in asked or found == 0
    assert len(asked) == len(set(asked)) <= 20
    assert all(1 <= number <= 1000 for number in asked)


def test_the_search_does_not_go_beyond_the_most():
    assert largest(lambda _: True, 16, 100) == 100
    assert largest(lambda _: True, 500, 100) == 100


def test_a_machine_that_wakes_late_is_busy():
    assert is_busy({"p99": 29.5})
    assert not is_busy({"p99": 0.3})
    assert not is_busy({"p99": None})
