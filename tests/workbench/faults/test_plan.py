"""The plan of harms is the same for the same seed, and leaves none out."""

from __future__ import annotations

from workbench.faults.account import Account
from workbench.faults.command import Outcome, values_of
from workbench.faults.harm import ALL, PARTS, plan


def test_every_part_is_killed_and_stopped_in_each_round() -> None:
    once = list(plan(len(ALL), 1))
    assert set(once) == set(ALL)
    assert {harm.victim for harm in once if harm.way == "SIGKILL"} == set(PARTS)
    assert {harm.victim for harm in once if harm.way == "SIGSTOP"} == set(PARTS)
    assert set(list(plan(2 * len(ALL), 1))[len(ALL) :]) == set(ALL)


def test_a_seed_repeats_the_plan() -> None:
    assert list(plan(40, 5)) == list(plan(40, 5))
    assert list(plan(40, 5)) != list(plan(40, 6))


def test_each_harm_can_be_undone() -> None:
    for harm in ALL:
        if harm.signals is None:
            did, undone = harm.commands
            assert did != undone
            assert harm.lasts_s > 0
        else:
            assert (harm.signals[1] is None) == (harm.lasts_s == 0)


def test_what_is_written_of_a_run() -> None:
    outcomes = [
        Outcome("detect: SIGKILL", (), None, 2.0, 4.0),
        Outcome("detect: SIGKILL", ("unwatched",), 3.0, 2.4, 6.0),
        Outcome("hub: SIGKILL", (), None, 0.3, 4.1),
    ]
    counted = Account(1000, 0, 50, 0, 0, 3, 0, 0)
    values = values_of(outcomes, counted, 1)
    assert values["table"]["rows"][0] == [
        *("detect: SIGKILL", "2", "unwatched", "3.0 s"),
        *("2.2 s, at most 2.4 s", "5.0 s, at most 6.0 s"),
    ]
    assert values["takeover"] == {"count": 2, "median_s": 2.2, "worst_s": 2.4}
    assert values["told"] == {"count": 1, "median_s": 3.0, "worst_s": 3.0}
