"""The pods of the Helm chart, run by Docker: users, mounts, secrets, limits and probes hold.

Not part of `make test`: see `check_whole`. What only a cluster does is not shown.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.check_whole import told
from tests.support.containers.helm import SEVERAL, rendered
from tests.support.containers.pods import Node, node
from tests.support.containers.system import System
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.serial, pytest.mark.timeout(7200)]

BEDS = 8
VALUES = {
    "image": {"tag": "latest"},
    "simulate": {"enabled": True, "beds": BEDS},
    "api": {"enabled": True},
}
START_S = 600.0


@pytest.fixture(scope="module")
def machine(whole: System) -> Iterator[Node]:
    """A machine on which all pods of a release have been started: several of each part."""
    whole.compose("build", within_s=3600.0)
    with (
        tempfile.TemporaryDirectory(prefix="ecg-chart-") as folder,
        node(whole, Path(folder), rendered(SEVERAL, values=VALUES)) as one,
    ):
        yield one


def metrics(machine: Node) -> str:
    """What the dashboard tells Prometheus."""
    address = (machine.address("dashboard"), machine.port("dashboard", "page"))
    bearer = f"Bearer {machine.secret('metrics_token')}"
    status, text = machine.fetched(address, "/metrics", Authorization=bearer)
    assert status == 200, text
    return text


def figures(machine: Node, name: str) -> list[float]:
    """Values of one figure."""
    found = re.findall(rf"^{name}{{[^}}]*}} (\S+)", metrics(machine), re.MULTILINE)
    return [float(value) for value in found]


def test_every_pod_answers_its_probes(machine: Node) -> None:
    began = time.monotonic()

    def why() -> str:
        lacking = machine.unwell()
        return f"{lacking}\n" + "\n".join(machine.logs(name)[-1500:] for name in lacking)

    wait_until(lambda: not machine.unwell(), START_S, why=why)
    told(f"{len(machine.names)} pods well after {time.monotonic() - began:.0f} s")


def test_all_beds_are_analysed(machine: Node) -> None:
    wait_until(
        lambda: sum(figures(machine, "ecg_partition_beds")) == BEDS,
        120.0,
        why=lambda: machine.logs("simulate")[-2000:],
    )
    wait_until(
        lambda: max(figures(machine, "ecg_detector_behind_seconds")) < 1.0,
        120.0,
        why=lambda: str(figures(machine, "ecg_detector_behind_seconds")),
    )
    told(f"{BEDS} beds are analysed, each partition by one detector")
    assert set(figures(machine, "ecg_partition_owners")) == {1.0}


def test_a_device_gets_an_account(machine: Node) -> None:
    inside = ("exec", machine.called("mqtt"))
    words = ("mosquitto_passwd", "-b", "/mosquitto/data/passwords", "bed-07", "correct-horse")
    machine.system.docker(*inside, *words)
    machine.system.docker(*inside, "sh", "-c", "kill -HUP 1")
    signs_in = ("mosquitto_pub", "-u", "bed-07", "-P", "correct-horse", "-q", "1")
    says = ("-t", "ecg/v1/bed-07/status", "-m", "x")

    def is_let_in() -> bool:
        return "let in" in machine.system.docker(
            *inside, "sh", "-c", '"$@" && echo let in', "-", *signs_in, *says, check=False
        )

    wait_until(is_let_in, 30.0, why=lambda: machine.logs("mqtt")[-2000:])


def test_both_ingests_take_packets(machine: Node) -> None:
    def rates() -> list[float]:
        return figures(machine, "ecg_ingest_accepted_per_second")

    wait_until(lambda: len(rates()) == 2 and min(rates()) > 0, 120.0, why=lambda: str(rates()))


def test_a_detector_that_is_gone_is_replaced_by_the_one_that_waits(machine: Node) -> None:
    def owners() -> list[str]:
        return re.findall(r'^ecg_partition_owner{host="(\w+)"', metrics(machine), re.MULTILINE)

    gone, waits = (machine.host(name) for name in ("detect", "detect-standby"))
    wait_until(lambda: owners().count(gone) == 2, 120.0, why=lambda: str(owners()))
    machine.system.docker("stop", machine.called("detect"))
    began = time.monotonic()
    wait_until(
        lambda: gone not in owners() and owners().count(waits) >= 2,
        120.0,
        why=lambda: str(owners()),
    )
    told(f"the one that waits owns what was its {time.monotonic() - began:.0f} s after its end")
    wait_until(
        lambda: max(figures(machine, "ecg_detector_behind_seconds")) < 1.0,
        120.0,
        why=lambda: str(figures(machine, "ecg_detector_behind_seconds")),
    )
