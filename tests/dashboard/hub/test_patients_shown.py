"""Who is monitored, as the hub tells its clients."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest

from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.outbox import Outbox
from dashboard.hub.polling import PartitionPoller
from dashboard.hub.requests import Subscription
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.ward.limits.model import LimitBook, default_tables
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.patients.model import Admission, Bed, BedLimits
from tests.support.waiting import until

NOW = 1_000_000.0
STAY = Admission("s", "4711", "Ada L.", "neonatal", NOW, "A. Nurse")
META = {"status": {}, "meta": {"label": "Bed 1", "patient": "as the device says"}}


@pytest.fixture
def core() -> HubCore:
    return HubCore(1, NOW, limits=LimitBook(default_tables()))


def told(core: HubCore) -> dict[str, Any] | None:
    """What a client that joins now is told of its bed."""
    client = Client(Outbox(lambda: None))
    core.connect(client)
    core.request(client, Subscription(), NOW)
    texts = [one for message in client.outbox.take() for one in parsed(message)]
    return next((one for one in texts if one["t"] == "bed"), None)


def parsed(message: Any) -> list[dict[str, Any]]:
    if isinstance(message, bytes):
        return []
    found = orjson.loads(message)
    return found if isinstance(found, list) else [found]


def test_an_admission_wins_over_what_the_device_says(core: HubCore) -> None:
    core.device("bed-1", META)
    assert shown(core) == ("as the device says", "", False)
    core.patient("bed-1", STAY)
    assert shown(core) == ("Ada L.", "neonatal", False)
    core.patient("bed-1", None)
    assert shown(core) == ("", "", True)


def test_a_bed_is_called_and_placed_as_staff_say(core: HubCore) -> None:
    core.device("bed-1", META)
    core.staff_said("bed-1", Bed(version=1, label="Bay 3", place=2, own=BedLimits("adult")))
    bed = told(core)
    assert bed is not None
    assert (bed["label"], bed["place"]) == ("Bay 3", 2)
    assert shown(core) == ("as the device says", "", False)


def test_a_bed_tells_since_when_nothing_was_heard_of_its_device(core: HubCore) -> None:
    core.device("bed-1", META)
    core.roster(0, {"bed-1"}, NOW, {"bed-1": NOW - 3600})
    bed = told(core)
    assert bed is not None
    assert bed["heard_at"] == NOW - 3600


def test_limits_of_a_bed_without_a_patient_are_shown(core: HubCore) -> None:
    core.device("bed-1", META)
    own = BedLimits("neonatal", {"rate": {"high_bpm": 190.0}}, {"couplet": "off"})
    core.patient("bed-1", None, own)
    bed = told(core)
    assert bed is not None
    assert bed["rate_limits"] == [100.0, 190.0]
    assert bed["alarms_off"] == ["couplet"]
    assert shown(core) == ("as the device says", "", False)
    core.patient("bed-1", None, replace(own, after_stay=True))
    assert shown(core) == ("", "", True)  # the device may still name who has gone
    core.patient("bed-1", STAY)
    bed = told(core)
    assert bed is not None
    assert (bed["rate_limits"], bed["alarms_off"]) == ([100.0, 200.0], [])


def test_a_patient_without_a_name_is_known_by_his_number(core: HubCore) -> None:
    core.patient("bed-1", Admission("s", "4711", "", "adult", NOW, "A"))
    assert shown(core) == ("4711", "adult", False)


def test_alarms_that_are_turned_off_are_told(core: HubCore) -> None:
    core.device("bed-1", META)
    bed = told(core)
    assert bed is not None
    assert bed["alarms_off"] == []
    core.patient("bed-1", replace(STAY, alarms={"pause": "off", "couplet": "off", "af": "high"}))
    bed = told(core)
    assert bed is not None
    assert bed["alarms_off"] == ["couplet", "pause"]
    core.patient("bed-1", None)
    bed = told(core)
    assert bed is not None
    assert bed["alarms_off"] == []


def test_alarms_that_the_file_turns_off_are_told_until_somebody_is_admitted() -> None:
    tables = {**default_tables(), "patients": {"bed-1": {"alarms": {"svt": "off"}}}}
    core = HubCore(1, NOW, limits=LimitBook(tables))
    core.device("bed-1", META)
    assert core.beds["bed-1"].alarms_off == ("svt",)
    core.patient("bed-1", STAY)
    assert not core.beds["bed-1"].alarms_off


def test_a_bed_that_is_empty_and_silent_does_not_show(core: HubCore) -> None:
    core.patient("bed-1", None)
    assert told(core) is None


def test_nothing_is_told_twice(core: HubCore) -> None:
    core.device("bed-1", META)
    client = Client(Outbox(lambda: None))
    core.connect(client)
    core.request(client, Subscription(), NOW)
    client.outbox.take()
    core.patient("bed-1", STAY)
    assert [one["t"] for message in client.outbox.take() for one in parsed(message)] == ["bed"]
    core.patient("bed-1", STAY)
    assert list(client.outbox.take()) == []


def shown(core: HubCore) -> tuple[str, str, bool]:
    bed = told(core)
    assert bed is not None
    return bed["patient"], bed["category"], bed["discharged"]


async def test_the_reader_brings_patients_and_troubles(core: HubCore, redis_client: Store) -> None:
    desk = PatientDesk(redis_client, Settings(partitions=1))
    await desk.admit("bed-1", "A", patient="4711", name="Ada L.", category="adult")
    await redis_client.hset(keys.patients(0), "bed-2", "rubbish")
    await redis_client.hset(keys.SYSTEM, "disk_low", '{"kind":"disk_low","since":1,"value":0.5}')
    polling = asyncio.create_task(PartitionPoller(core, redis_client, 0).poll())
    try:
        await until(lambda: told(core) is not None and core.conditions)
    finally:
        await cancel_all([polling])
    assert shown(core) == ("Ada L.", "adult", False)
    assert core.conditions == ["disk_low"]
    assert core.unreadable == 1
