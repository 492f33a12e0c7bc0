"""The report of a shift over HTTP, with a real Redis behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import alert_id
from ecg_monitor.ward import access
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.trends.minute import Minute, pack
from ecg_monitor.ward.units.desk import UnitDesk

PARTITIONS = 4
KIND = "bradycardia"


class Ward:
    """A Redis with beds, and a client that is signed in as A. Nurse."""

    def __init__(self, settings: Settings, client: Any) -> None:
        self.settings = settings
        self.client = client
        self.redis = redis.Redis.from_url(settings.require("redis_url"))
        self.redis.flushall()
        for device in ("icu-1", "icu-2", "er-1"):
            self.redis.hset(keys.roster(self.of(device)), device, "1 2")

    def of(self, device: str) -> int:
        return keys.partition_of(device, PARTITIONS)

    def report(self, **query: Any) -> Any:
        return self.client.get("/shift/report", query_string=query)

    def raise_alarm(self, device: str, ago_s: float) -> str:
        at = time.time() - ago_s
        facts = {
            "id": alert_id(device, "x", KIND, round(ago_s)), "device": device, "boot": "x",
            "kind": KIND, "priority": "medium", "n": round(ago_s), "value": 38.0, "limit": 40.0,
            "present": False, "onset_at": at - 1, "raised_at": at, "cleared_at": at + 9,
        }  # fmt: skip
        self.redis.hset(keys.alerts(self.of(device)), facts["id"], orjson.dumps(facts))
        return str(facts["id"])

    def add_minute(self, device: str, ago_s: float) -> None:
        one = Minute(
            *("x", round(10_000 - ago_s / 60), 250.0, (70.0, 60.0, 80.0), (60, 0, 5, 0, 0)),
            *(None, 0, (60, 0, 0, 0), 0, {}, None, None),
        )
        self.redis.zadd(keys.trend(self.of(device), device), {pack(one): time.time() - ago_s})

    def do(self, act: Callable[[Any], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            client = store.connect(self.settings.require("redis_url"))
            try:
                return await act(client)
            finally:
                await client.aclose()

        return asyncio.run(run())

    def units(self) -> list[str]:
        """Give the beds to two units, and A. Nurse the first; return the ids of the units."""

        async def give(client: Any) -> list[str]:
            desk = UnitDesk(client, self.settings, "A. Admin")
            ids = [(await desk.add(name)).id for name in ("ICU", "Emergency")]
            await desk.give_beds(ids[0], {"icu-1": 0, "icu-2": 0})
            await desk.give_beds(ids[1], {"er-1": 0})
            await desk.give_person("A. Nurse", ids[:1], 0)
            return ids

        return list(self.do(give))


@pytest.fixture
def ward(
    redis_url: str, cookie_of: Callable[..., str], client_for: Callable[[Settings], Any]
) -> Ward:
    settings = Settings(secret="of the tests", redis_url=redis_url, partitions=PARTITIONS)
    client = client_for(settings)
    found = Ward(settings, client)
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "A. Nurse", "viewer"))
    return found


def test_a_patients_shift(ward: Ward) -> None:
    async def treat(client: Any) -> None:
        desk = PatientDesk(client, ward.settings)
        await desk.admit("icu-1", "Ann", patient="4711", name="Ada", category="adult")
        await desk.note("icu-1", "Ann", "Restless.")
        await desk.change("icu-1", "Ann", limits={"rate": {"high_bpm": 140.0}})

    ward.do(treat)
    ward.add_minute("icu-1", 0)
    ack = ward.raise_alarm("icu-2", 100)
    ward.raise_alarm("icu-2", 200)

    async def handle(client: Any) -> None:
        desk = Desk(client, ward.settings)
        await desk.acknowledge("Ann", ids=[ack])
        await desk.give_reason("Ann", [ack], reason="artefact", text="loose")

    ward.do(handle)
    found = ward.report(**{"from": time.time() - 3600}).json
    mine = next(row for row in found["rows"] if row["stretch"]["name"] == "Ada")
    assert [note["text"] for note in mine["notes"]] == ["Restless."]
    assert [(one["field"], one["new"], one["by"]) for one in mine["changes"]] == [
        ("limits.rate.high_bpm", 140.0, "Ann")
    ]
    assert (mine["heart"]["beats"]["V"], mine["heart"]["rate_high"]["value"]) == (5, 80.0)
    other = next(row for row in found["rows"] if row["stretch"]["device"] == "icu-2")
    assert (other["alarms"]["count"], other["alarms"]["acknowledged"]) == (2, 1)
    assert other["alarms"]["reasons"] == {"artefact": 1}
    assert other["heart"]["no_data_s"] == pytest.approx(3600, abs=1)
    assert (found["alarms"]["count"], found["patients"], found["beds"]) == (2, 1, 3)
    assert (found["alarms_since"], found["trends_since"]) == (None, None)


def test_of_a_unit_that_one_sees_alone(ward: Ward) -> None:
    icu, emergency = ward.units()
    assert {row["stretch"]["device"] for row in ward.report(unit=icu).json["rows"]} == {
        "icu-1", "icu-2",
    }  # fmt: skip
    found = ward.report().json
    assert found["beds"] == 2, "all that are seen"
    assert [one["name"] for one in found["units"]] == ["ICU"]
    assert ward.report(unit="-").json["rows"] == [], "there is no bed of no unit"
    for unit in (emergency, "00000000", "nonsense"):
        assert ward.report(unit=unit).status_code == 404, unit


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "x"}, "from must be a number"),
        ({"to": "-1"}, "to must be a number"),
        ({"from": "1e400"}, "from must be a number"),
        ({"from": "100"}, "at most 24 heures"),
        ({"from": "9e10"}, "avenir"),
        ({"from": "2000", "to": "1000"}, "après sa fin"),
    ],
)
def test_what_is_no_shift_is_refused_in_words(ward: Ward, query: Any, words: str) -> None:
    ward.client.set_cookie("ecg_language", "fr")
    answer = ward.report(**query)
    assert answer.status_code == 400
    assert words.replace("at most 24 heures", "24 heures au plus") in answer.json["error"]


def test_what_is_no_longer_kept_is_said(ward: Ward) -> None:
    old = time.time() - 8 * 86_400
    found = ward.report(**{"from": old, "to": old + 3600}).json
    assert found["alarms_since"] > old
    assert found["trends_since"] > old
