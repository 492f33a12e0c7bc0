"""Three machines of a cluster on this one, harmed in every way; not part of `make test`.

make test-cluster                                  all
FIGURES=docs/figures/cluster.json make test-cluster      and keep what was measured
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import start_services
from tests.end_to_end.conftest import System
from tests.support.cluster import Machines, owner, silence_s
from tests.support.measured import Measured
from tests.support.two_patients import COMPILED_WITHIN_S, Found, check, simulate, wait_for_events
from tests.support.waiting import allowed_s, wait_until

pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 600)

PARTITIONS = 4
MOVES, ACTORS, NODES = 10, 3, 2


@pytest.fixture(scope="module")
def measured() -> Iterator[Measured]:
    measured = Measured()
    yield measured
    measured.write()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """Broker and Redis that a test may stop, and more partitions than machines."""
    settings = Settings(state=str(tmp_path), secret="for tests only", partitions=PARTITIONS)
    with start_services(settings) as services:
        system = System(services.configure(settings), tmp_path)
        try:
            yield system
        finally:
            processes.stop(system.started, 5.0)


@pytest.fixture
def found(system: System) -> Iterator[Found]:
    found = Found(system.settings.redis_url, PARTITIONS)
    yield found
    found.close()


@pytest.fixture
def machines(system: System) -> Iterator[Machines]:
    machines = Machines(system)
    system.start("ingest")
    yield machines
    machines.close()


def say(measured: Measured, title: str, seconds: list[float]) -> None:
    measured.say(
        title,
        times=len(seconds),
        median_s=round(statistics.median(seconds), 2),
        longest_s=round(max(seconds), 2),
    )


def test_how_long_nobody_works(
    system: System, mitdb: Path, found: Found, machines: Machines, measured: Measured
) -> None:
    """With eight beds, 250 ms a packet; the partition that is harmed is looked at every 5 ms."""
    for name in ("a", "b", "c"):
        machines.start(name)
    machines.wait_settled("a", "b", "c")
    words = ("--beds", "8", "--data", str(mitdb), "--packet-ms", "250", "--no-progress")
    system.start("simulate", *words)
    wait_until(lambda: len(found.events()) == 8)
    moves = []
    for number in range(MOVES):
        partition = number % PARTITIONS
        target = next(n for n in ("a", "b", "c") if n != owner(machines, partition))
        moves.append(
            silence_s(system, partition, lambda: machines.ask("move", str(partition), target))  # noqa: B023
        )
    say(measured, "a partition moves", moves)
    actors = []
    for number in range(ACTORS):
        partition = number % PARTITIONS
        pid = machines.pid(owner(machines, partition))
        actors.append(silence_s(system, partition, lambda: os.kill(pid, signal.SIGKILL)))  # noqa: B023
        wait_until(lambda: pid not in machines.pids() and len(machines.pids()) == 3)  # noqa: B023
        machines.wait_settled("a", "b", "c")
    say(measured, "a detector is killed", actors)
    nodes = []
    for number in range(NODES):
        name = "bc"[number % 2]
        partition = machines.owned()[name][0]
        nodes.append(silence_s(system, partition, lambda: machines.cut_power(name)))  # noqa: B023
        machines.start(name)
        wait_until(lambda: name not in machines.owned())  # noqa: B023
        machines.wait_settled("a", "b", "c")
    say(measured, "a machine loses its power", nodes)
    assert len(found.events()) == 8, "and each bed's events are numbered without a break"
    assert max(moves) < allowed_s(1.0)
    assert max(actors) < allowed_s(3.0)
    assert max(nodes) < allowed_s(10.0)


def test_machines_come_and_go_and_redis_stands_still(
    system: System, mitdb: Path, found: Found, machines: Machines
) -> None:
    machines.start("a")
    machines.start("b")
    machines.wait_settled("a", "b")
    simulator = simulate(system, mitdb, "--speed", "3")
    wait_for_events(system, found, simulator, 20)
    machines.start("c")
    machines.wait_settled("a", "b", "c")
    machines.supervisor().kill()
    assert machines.ask("drain", "b").returncode == 0
    wait_until(lambda: machines.owned()["b"] == [])
    assert machines.leave("c") == 0
    wait_until(lambda: machines.nodes() == {"a", "b"})
    client = redis.Redis.from_url(system.settings.redis_url)
    pid = client.info("server")["process_id"]
    client.close()
    os.kill(pid, signal.SIGSTOP)
    time.sleep(4.0)  # for so long it answers nobody
    os.kill(pid, signal.SIGCONT)
    assert simulator.wait(allowed_s(120)) == 0
    check(found, mitdb, system)
    assert machines.leave("a") == 0
    wait_until(lambda: machines.ask("status").returncode == 2)  # without it the cluster is over


def test_the_first_machine_is_lost(
    system: System, mitdb: Path, found: Found, machines: Machines
) -> None:
    """The others go on; a new cluster begins beside them, and takes over when they are stopped."""
    machines.start("a")
    machines.start("b")
    machines.wait_settled("a", "b")
    simulator = simulate(system, mitdb, "--speed", "3")
    wait_for_events(system, found, simulator, 20)
    partition = keys.partition_of("bed-01", PARTITIONS)
    if owner(machines, partition) != "a":
        assert machines.ask("move", str(partition), "a").returncode == 0
    assert silence_s(system, partition, lambda: machines.cut_power("a")) < allowed_s(10.0)
    wait_until(lambda: machines.ask("status").returncode == 2)
    machines.start("d", first=True, port=processes.free_port())
    wait_until(lambda: "d" in machines.nodes())
    machines.leave("b")
    machines.wait_settled("d")
    assert simulator.wait(allowed_s(120)) == 0
    check(found, mitdb, system)


def test_another_secret_is_refused(machines: Machines, system: System) -> None:
    machines.start("a")
    wait_until(lambda: "a" in machines.nodes(), COMPILED_WITHIN_S)
    system.settings = dataclasses.replace(system.settings, secret="another one")
    machines.start("b")
    assert machines.processes.pop("b").wait(120) == 2
    assert "it has another ECG_SECRET" in system.log("cluster")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 300 MB."""
    folder = Path(tempfile.mkdtemp(prefix="ecg-"))  # sockets: a short name
    subprocess.run(
        ["/usr/bin/mount", "-t", "tmpfs", "-o", "size=300m", "ecg", str(folder)], check=True
    )
    yield folder
    subprocess.run(["/usr/bin/umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="mounts a disk")
def test_a_full_disk_harms_nobody_and_is_told(
    system: System, mitdb: Path, found: Found, machines: Machines, small_disk: Path
) -> None:
    machines.start("a")
    machines.start("b", temp=small_disk)
    machines.wait_settled("a", "b")
    simulator = simulate(system, mitdb, "--speed", "4")
    wait_for_events(system, found, simulator, 20)
    with contextlib.suppress(OSError), (small_disk / "full").open("wb") as file:
        while True:
            file.write(bytes(1_000_000))
    wait_until(lambda: "MB free on its disk" in machines.ask("status").stdout)
    wait_for_events(system, found, simulator, 200)
    assert len(machines.owned()["b"]) > 0
    machines.start("e", temp=small_disk)
    assert machines.processes.pop("e").wait(60) == 2
    assert "MB are free there" in system.log("cluster")
    assert simulator.wait(allowed_s(120)) == 0
    check(found, mitdb, system)
