"""Two machines follow beds as one does, while a partition moves, a detector and a machine die."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_monitor.core import keys
from tests.end_to_end.conftest import System
from tests.support.cluster import Commits, Machines
from tests.support.two_patients import COMPILED_WITHIN_S, Found, check, simulate, wait_for_events
from tests.support.waiting import allowed_s, wait_until

pytestmark = [pytest.mark.timeout(COMPILED_WITHIN_S + 180), pytest.mark.serial]

ACTOR_S, NODE_S, MOVE_S = 3.0, 10.0, 1.0
"""Longest time for which nobody works on a partition, s."""


@pytest.fixture
def found(system: System) -> Iterator[Found]:
    found = Found(system.settings.redis_url, system.settings.partitions)
    yield found
    found.close()


@pytest.fixture
def machines(system: System) -> Iterator[Machines]:
    machines = Machines(system)
    yield machines
    machines.close()


def test_moves_and_deaths_change_nothing(
    system: System, mitdb: Path, found: Found, machines: Machines
) -> None:
    system.start("ingest")
    machines.start("a")
    machines.start("b")
    machines.wait_settled("a", "b")
    simulator = simulate(system, mitdb, "--speed", "4")
    partition = keys.partition_of("bed-01", system.settings.partitions)
    with Commits(system.settings.redis_url, partition).noting() as moved:
        wait_for_events(system, found, simulator, 40)
        source = next(node for node, held in machines.owned().items() if partition in held)
        target = "ab".replace(source, "")
        said = machines.ask("move", str(partition), target)
        assert said.returncode == 0, said.stdout
        wait_until(lambda: len({epoch for _, epoch in moved.seen}) > 1)
    assert moved.silence_s() < allowed_s(MOVE_S)
    wait_until(lambda: partition in machines.owned()[target])
    for kill, within_s in (
        (lambda: os.kill(machines.pid(target), signal.SIGKILL), ACTOR_S),
        (lambda: machines.cut_power("b"), NODE_S),
    ):
        if within_s == NODE_S:
            machines.wait_settled("a", "b")  # Ray has started the dead one anew
            partition = machines.owned()["b"][0]
        with Commits(system.settings.redis_url, partition).noting() as taken:
            wait_until(taken.epoch)
            before = taken.epoch()
            kill()
            wait_until(lambda: taken.epoch() > before)  # noqa: B023 - waited for here
        assert taken.silence_s() < allowed_s(within_s)
    assert simulator.wait(allowed_s(120)) == 0
    check(found, mitdb, system)
