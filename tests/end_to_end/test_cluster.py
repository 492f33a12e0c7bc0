"""Two machines follow beds as one does, while a partition moves, a detector and a machine die."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_monitor.core import keys
from tests.end_to_end.conftest import System
from tests.support.cluster import Machines, owner, silence_s
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


def move(machines: Machines, partition: int, node: str) -> None:
    said = machines.ask("move", str(partition), node)
    assert said.returncode == 0, said.stdout


def test_moves_and_deaths_change_nothing(
    system: System, mitdb: Path, found: Found, machines: Machines
) -> None:
    partition = keys.partition_of("bed-01", system.settings.partitions)
    system.start("ingest")
    machines.start("a")
    machines.start("b")
    machines.wait_settled("a", "b")
    if owner(machines, partition) == "b":
        move(machines, partition, "a")
        wait_until(lambda: partition in machines.owned()["a"])
    simulator = simulate(system, mitdb, "--speed", "2")
    wait_for_events(system, found, simulator, 40)
    moved_s = silence_s(system, partition, lambda: move(machines, partition, "b"))
    assert moved_s < allowed_s(MOVE_S)
    pid = machines.pid("b")
    killed_s = silence_s(system, partition, lambda: os.kill(pid, signal.SIGKILL))
    assert killed_s < allowed_s(ACTOR_S)
    # Ray starts another detector there; levelling, or this, gives it the partition again.
    wait_until(lambda: "b" in machines.nodes() and machines.pid("b") != pid)
    machines.wait_settled("a", "b")
    if owner(machines, partition) == "a":
        move(machines, partition, "b")
        wait_until(lambda: partition in machines.owned().get("b", ()))
    assert silence_s(system, partition, lambda: machines.cut_power("b")) < allowed_s(NODE_S)
    assert simulator.wait(allowed_s(120)) == 0
    check(found, mitdb, system)
