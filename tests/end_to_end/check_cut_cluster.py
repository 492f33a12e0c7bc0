"""Machines of a cluster in networks of their own, whose cables are cut; not part of `make test`.

make test-cluster                                  with check_cluster.py
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from ecg_monitor.launch.services.start import start_mqtt
from tests.end_to_end.conftest import System
from tests.support import network as networks
from tests.support.cluster import Machines, owner, silence_s
from tests.support.measured import Measured
from tests.support.network import SWITCH, Network
from tests.support.two_patients import COMPILED_WITHIN_S, Found, check, simulate, wait_for_events
from tests.support.waiting import allowed_s, wait_until

pytestmark = pytest.mark.timeout(COMPILED_WITHIN_S + 600)

PARTITIONS = 4
REDIS_PORT = 6379
NOTICED_S = 12.0
"""After so long, s, Ray has given a machine up of which it hears nothing."""


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """A switch with nothing at it yet."""
    if why := networks.missing():
        pytest.skip(f"NOT TESTED with machines in networks of their own: {why}")
    with networks.network() as one:
        yield one


@pytest.fixture
def system(tmp_path: Path, network: Network) -> Iterator[System]:
    """Redis at the switch; for what runs beside it, and for this test, on a socket."""
    folder = Path(tempfile.mkdtemp(prefix="ecg-"))  # sockets: a short name
    door = folder / "redis.sock"
    program = programs.redis_server(REDIS_PORT, folder)
    assert program is not None
    open_to_all = ["--bind", SWITCH, "--protected-mode", "no", "--unixsocket", str(door)]
    server = processes.start(
        [*network.within(), *program.command, *open_to_all], log=tmp_path / "redis.log"
    )
    settings = Settings(state=str(tmp_path), secret="for tests only", partitions=PARTITIONS)
    broker = start_mqtt(settings)
    urls = {"mqtt_url": broker.url, "redis_url": f"unix://{door}"}
    system = System(dataclasses.replace(settings, **urls), tmp_path)
    try:
        wait_until(lambda: answers(system), why=(tmp_path / "redis.log").read_text)
        system.start("ingest")
        yield system
    finally:
        processes.stop([*system.started, server], 5.0)
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)


def answers(system: System) -> bool:
    try:
        with redis.Redis.from_url(system.settings.redis_url) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.fixture
def found(system: System) -> Iterator[Found]:
    found = Found(system.settings.redis_url, PARTITIONS)
    yield found
    found.close()


@pytest.fixture
def machines(system: System, network: Network) -> Iterator[Machines]:
    machines = Machines(system, network, f"redis://{SWITCH}:{REDIS_PORT}")
    yield machines
    machines.close()


def cut(system: System, machines: Machines, network: Network, name: str) -> None:
    """Cut the cable of a machine that follows a bed, and see that another takes over in time."""
    partition = keys.partition_of("bed-01", PARTITIONS)
    if owner(machines, partition) != name:
        assert machines.ask("move", str(partition), name).returncode == 0
        wait_until(lambda: partition in machines.owned()[name])
    seconds = silence_s(system, partition, lambda: network.cut(name))
    Measured().say(f"the cable of {name} is cut", seconds=round(seconds, 2))
    assert seconds < allowed_s(10.0)


def test_a_machine_that_is_cut_off_is_replaced_and_does_no_harm_when_it_is_back(
    system: System, mitdb: Path, found: Found, machines: Machines, network: Network
) -> None:
    machines.start("a")
    machines.start("b")
    machines.wait_settled("a", "b")
    simulator = simulate(system, mitdb, "--speed", "2")
    wait_for_events(system, found, simulator, 40)
    former = psutil.Process(machines.pid("b"))
    cut(system, machines, network, "b")
    network.mend("b")
    machines.wait_settled("a", "b")
    assert machines.pid("b") == former.pid, "Ray has not noticed: it stands by, and is given some"

    cut(system, machines, network, "b")
    ends = time.monotonic() + NOTICED_S
    wait_until(lambda: time.monotonic() > ends)
    assert former.is_running(), "it does not know that another has taken its place"
    network.mend("b")
    process = machines.processes.pop("b")
    wait_until(lambda: process.poll() is not None, why=lambda: system.log("cluster"))
    assert process.poll() == 2, "Ray has given the machine up"
    machines.start("b")
    machines.wait_settled("a", "b")
    assert simulator.wait(allowed_s(120)) == 0
    check(found, mitdb, system)


def test_the_first_machine_is_cut_off_and_comes_back(
    system: System, mitdb: Path, found: Found, machines: Machines, network: Network
) -> None:
    """The other takes over; when Ray finds it gone in turn, the first has it all again."""
    machines.start("a")
    machines.start("b")
    machines.wait_settled("a", "b")
    simulator = simulate(system, mitdb, "--speed", "2")
    wait_for_events(system, found, simulator, 40)
    cut(system, machines, network, "a")
    ends = time.monotonic() + NOTICED_S
    wait_until(lambda: time.monotonic() > ends)
    other = machines.processes.pop("b")
    network.mend("a")
    wait_until(lambda: other.poll() is not None, why=lambda: system.log("cluster"))
    assert other.poll() == 2, "Ray, of which the first machine is the head, has given it up"
    machines.wait_settled("a")
    assert simulator.wait(allowed_s(120)) == 0
    check(found, mitdb, system)
