"""The devices over HTTP, with a real Redis behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access
from ecg_monitor.ward.units.model import BedUnit, PersonUnits, Unit
from tests.support.devices import WARD, Known, store_devices

UNIT = Unit("0000000a", "ICU", "icu", 1, "A. Nurse", 0.0)
OTHER = Unit("0000000b", "Ward", "ward", 1, "A. Nurse", 0.0)


@pytest.fixture
def settings(redis_url: str) -> Settings:
    redis.Redis.from_url(redis_url).flushall()
    return Settings(secret="of the tests", redis_url=redis_url, partitions=4, max_devices=500)


@pytest.fixture
def enter(
    settings: Settings, cookie_of: Callable[..., str], client_for: Callable[[Settings], Any]
) -> Callable[..., Any]:
    """Return a function that signs somebody in, and returns the client."""

    def enter(name: str = "A. Nurse", role: str = "viewer") -> Any:
        client = client_for(settings)
        client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, name, role))
        return client

    return enter


def give(settings: Settings, person: str | None = None, **beds: str) -> None:
    """Make two units, give beds to them by id, and the ICU to a person."""
    store = redis.Redis.from_url(settings.redis_url)
    for unit in (UNIT, OTHER):
        store.hset(keys.UNITS, unit.id, unit.to_json())
    for device, unit_id in beds.items():
        store.hset(keys.UNIT_BEDS, device, BedUnit(unit_id, 1, "A. Nurse", 0.0).to_json())
    if person is not None:
        theirs = PersonUnits(person, (UNIT.id,), 1, "A. Nurse", 0.0)
        store.hset(keys.UNIT_PEOPLE, access_key(person), theirs.to_json())
    store.incr(keys.UNITS_VERSION)


def access_key(person: str) -> str:
    return person.casefold()


def test_one_of_each_kind_is_told_as_it_is(settings: Settings, enter: Callable[..., Any]) -> None:
    store_devices(settings, *WARD)
    answer = enter().get("/devices/list")
    assert answer.status_code == 200
    found = answer.json
    assert (found["most"], found["known"], found["nobody"]) == (500, 9, {})
    assert abs(found["now"] - time.time()) < 60
    rows = {row["device"]: row for row in found["devices"]}
    assert list(rows) == sorted(one.device for one in WARD)
    states = {device: row["state"] for device, row in rows.items()}
    assert states["bed-01"] == "sends"
    assert (states["bed-03"], states["bed-04"]) == ("silent", "offline")
    assert (states["new-1"], states["new-2"]) == ("refused", "turned_away")
    window = rows["bed-01"]
    assert (window["label"], window["told"]["maker"]) == ("Window", "Acme")
    assert (window["told"]["battery_pct"], window["told"]["battery_low"]) == (87, False)
    assert rows["bed-02"]["told"]["battery_low"]
    assert rows["bed-05"]["refused"] == {"range": 3, "type": 40}
    assert rows["bed-05"]["refusal"]["reason"] == "range"
    assert rows["bed-07"]["told"]["odd"] == ["battery"]
    assert rows["bed-09"]["alerts"] == [{"kind": "two_devices", "lead": None}]
    assert rows["bed-01"]["form"]["leads"] == ["II", "V1"]
    assert rows["new-1"]["form"] is None
    assert not rows["new-1"]["known"]


def test_nobody_is_told_of_what_they_do_not_see(
    settings: Settings, enter: Callable[..., Any]
) -> None:
    store_devices(settings, Known("icu-1"), Known("ward-1"), Known("free-1"))
    give(settings, "Karim", **{"icu-1": UNIT.id, "ward-1": OTHER.id})
    everything = enter("A. Nurse").get("/devices/list").json
    assert [(row["device"], row["unit"]) for row in everything["devices"]] == [
        ("free-1", ""), ("icu-1", UNIT.id), ("ward-1", OTHER.id),
    ]  # fmt: skip
    mine = enter("Karim", "clinician").get("/devices/list")
    assert [row["device"] for row in mine.json["devices"]] == ["free-1", "icu-1"]
    assert b"ward-1" not in mine.data
    assert mine.json["units"] == [{"id": UNIT.id, "name": UNIT.name}]


def test_who_is_not_signed_in_is_told_nothing(
    settings: Settings, client_for: Callable[[Settings], Any]
) -> None:
    store_devices(settings, *WARD)
    answer = client_for(settings).get("/devices/list")
    assert answer.status_code in (302, 401)
    assert b"bed-01" not in answer.data


def test_an_empty_system_has_no_devices(enter: Callable[..., Any]) -> None:
    found = enter().get("/devices/list").json
    assert (found["devices"], found["known"], found["units"]) == ([], 0, [])


def test_a_device_that_tells_nonsense_costs_no_other_its_row(
    settings: Settings, enter: Callable[..., Any]
) -> None:
    store_devices(settings, Known("bed-01"), Known("bed-02"))
    store = redis.Redis.from_url(settings.redis_url)
    partition = keys.partition_of("bed-02", settings.partitions)
    for key in (keys.devices, keys.forms, keys.refused, keys.roster, keys.progress):
        store.hset(key(partition), "bed-02", "}{")
    rows = enter().get("/devices/list").json["devices"]
    assert [row["device"] for row in rows] == ["bed-01", "bed-02"]
    assert rows[1]["told"]["odd"] == ["status", "meta"]
    assert rows[1]["form"] is rows[1]["refusal"] is None


def test_a_thousand_devices_are_one_answer_of_bounded_size(
    settings: Settings, enter: Callable[..., Any]
) -> None:
    store_devices(settings, *(Known(f"bed-{i:04d}") for i in range(1000)))
    answer = enter().get("/devices/list")
    assert len(orjson.loads(answer.data)["devices"]) == 1000
    assert len(answer.data) < 1_000_000
