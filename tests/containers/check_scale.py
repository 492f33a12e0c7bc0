"""compose.scale.yaml on top of compose.yaml: several of each part, behind one address.

Not part of `make test`: see `check_whole`. The checks run together and in this order.
"""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

from tests.containers.check_whole import CHROMIUM, FLAGS, behind, fetched, metrics, told
from tests.support.containers.system import PROJECT, System
from tests.support.pages import flawless
from tests.support.places import ARTIFACTS
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.serial, pytest.mark.timeout(7200)]

SEVERAL = ("ingest", "ingest-2", "detect", "detect-2", "detect-spare", "front")
BEDS = 8


def owners(whole: System) -> dict[str, str]:
    """Which container owns a partition, by partition, as the detectors report it."""
    detectors = ("detect", "detect-2", "detect-spare")
    names = {whole.one(name)["Config"]["Hostname"]: name for name in detectors if whole.runs(name)}
    found: dict[str, str] = {}
    for labels in re.findall(r"^ecg_partition_owner{([^}]*)} 1", metrics(whole), re.MULTILINE):
        of = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        found[of["partition"]] = names.get(of["host"], of["host"])
    return found


def accepting(whole: System) -> int:
    """How many ingest processes take packets."""
    pattern = r"^ecg_ingest_accepted_per_second{[^}]*} (\S+)"
    return sum(float(rate) > 0 for rate in re.findall(pattern, metrics(whole), re.MULTILINE))


def test_all_of_them_become_healthy(whole: System) -> None:
    whole.files = ("compose.yaml", "compose.scale.yaml", "tested.yaml", "tested.scale.yaml")
    whole.profiles = ("demo",)
    whole.compose("build", within_s=3600.0)
    began = time.monotonic()
    whole.up()
    states = whole.states()
    told(f"{len(states)} containers well after {time.monotonic() - began:.0f} s")
    assert set(states) >= {f"{PROJECT}-{name}-1" for name in SEVERAL}
    assert set(states) >= {f"{PROJECT}-{name}-2" for name in ("hub", "dashboard")}


def test_the_packets_are_shared(whole: System) -> None:
    wait_until(lambda: accepting(whole) == 2, 120.0, why=lambda: metrics(whole))
    told("both ingests take packets")


def test_every_dashboard_takes_a_session_of_another(whole: System) -> None:
    assert Counter(fetched(8050, "/healthz")[0] for _ in range(6)) == {200: 6}


def test_the_wall_goes_on_when_a_hub_dies(whole: System) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    printed = whole.run_in("dashboard", "dashboard", "--link")
    link = re.search(r"http://\S+/signin\?token=\S+", printed)
    assert link, printed
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with flawless(chromium, 1280, 720) as context:
            page = context.new_page()
            page.goto(link[0])
            tiles = page.locator(".tile .rate")

            def shown() -> bool:
                rates = tiles.all_inner_texts()
                return len(rates) == BEDS and all(rate.strip().isdigit() for rate in rates)

            wait_until(shown, 180.0, why=lambda: str(tiles.all_inner_texts()))
            for number in (1, 2):
                took_s = whole.kill("hub", number)
                wait_until(shown, 120.0, why=lambda: str(tiles.all_inner_texts()))
                told(f"hub {number} killed: the wall goes on; it was back after {took_s:.0f} s")
            page.screenshot(path=ARTIFACTS / "containers" / "scale.png")
        chromium.close()


def test_the_spare_takes_the_partitions_of_one_that_died(whole: System) -> None:
    own = {"0": "detect", "1": "detect", "2": "detect-2", "3": "detect-2"}
    wait_until(lambda: owners(whole) == own, 120.0, why=lambda: str(owners(whole)))
    whole.compose("stop", "detect")
    spared = own | {"0": "detect-spare", "1": "detect-spare"}
    began = time.monotonic()
    wait_until(lambda: owners(whole) == spared, 120.0, why=lambda: str(owners(whole)))
    told(f"the spare owns what a detector owned {time.monotonic() - began:.0f} s after its end")
    whole.up("detect")
    wait_until(lambda: owners(whole) == own, 300.0, why=lambda: str(owners(whole)))


@pytest.mark.parametrize("service", SEVERAL)
def test_what_is_killed_comes_back(whole: System, service: str) -> None:
    told(f"{service}: well again after {whole.kill(service):.0f} s")
    wait_until(whole.healthy, why=lambda: str(whole.states()))


def test_nothing_was_lost_or_doubled(whole: System) -> None:
    whole.compose("stop", "simulate")
    wait_until(lambda: set(behind(whole).values()) == {0.0}, 120.0, why=lambda: str(behind(whole)))
    found = whole.account()
    told(", ".join(f"{name} {number}" for name, number in found.items()))
    wrong = {name: n for name, n in found.items() if name.endswith(("lost", "doubled")) and n}
    assert wrong == {}
