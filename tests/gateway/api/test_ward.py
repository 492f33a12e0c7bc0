"""Beds, numbers and alarms over HTTP: what the ward knows, and only of the token's unit."""

from __future__ import annotations

import time

import httpx
import orjson
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.trail import from_fields
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.units.desk import UnitDesk
from tests.gateway.api.conftest import Grant
from tests.support.alerts import Detector, make_alarm


@pytest.fixture
def settings(redis_url: str, tmp_path) -> Settings:
    return Settings(redis_url=redis_url, state=str(tmp_path), partitions=1)


async def say(client: Store, device: str, *events: dict[str, object]) -> None:
    fields = {"d": device, "b": "boot1", "i": 0, "j": orjson.dumps(events)}
    await client.xadd(keys.events(0), fields)


async def test_beds_with_patient_and_numbers(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, settings: Settings
) -> None:
    headers = await grant("read")
    await redis_client.hset(keys.roster(0), "icu-1", f"{time.time() - 90:.0f} {time.time():.0f}")
    await redis_client.hset(keys.devices(0), "er-2", b'{"meta": {"label": "Trolley 2"}}')
    desk = PatientDesk(redis_client, settings)
    await desk.admit("icu-1", "A. Nurse", patient="4711", name="A. Sample", category="adult")
    await say(redis_client, "icu-1", {"type": "measurement", "n": 1, "st_mv": {"II": 0.1}})
    await say(
        redis_client, "icu-1", {"type": "vitals", "n": 1, "heart_rate": 71.0, "quality": "good"}
    )
    beds = (await api.get("/v1/beds", headers=headers)).json()["beds"]
    assert [(one["device"], one["label"]) for one in beds] == [
        ("er-2", "Trolley 2"),
        ("icu-1", "icu-1"),
    ]
    bed = (await api.get("/v1/beds/icu-1", headers=headers)).json()
    assert bed["patient"]["name"] == "A. Sample"
    assert (bed["now"]["heart_rate"], bed["now"]["st_mv"]) == (71.0, {"II": 0.1})
    for path in ("trend", "beats"):
        answer = await api.get(f"/v1/beds/icu-1/{path}", headers=headers)
        assert answer.status_code == 200, answer.text
    assert (await api.get("/v1/beds/nobody", headers=headers)).status_code == 404
    answer = await api.get("/v1/beds/icu-1/beats?since=5&until=4", headers=headers)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "until")
    answer = await api.get("/v1/beds/icu-1/beats?since=nan", headers=headers)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "query.since")


@pytest.mark.parametrize("by", ["token", "person"])
async def test_another_unit_is_not_seen(
    api: httpx.AsyncClient,
    grant: Grant,
    redis_client: Store,
    detector: Detector,
    settings: Settings,
    by: str,
) -> None:
    """By the patterns of the token, or by the care units of its person."""
    headers = await grant(beds=["icu-*"] if by == "token" else [])
    now = time.time()
    for device in ("icu-1", "er-2"):
        await redis_client.hset(keys.roster(0), device, f"{now - 90:.0f} {now:.0f}")
        await detector.say(make_alarm(), now, device)
    if by == "person":
        await in_units(redis_client, settings)
    beds = (await api.get("/v1/beds", headers=headers)).json()["beds"]
    assert [one["device"] for one in beds] == ["icu-1"]
    alarms = (await api.get("/v1/alarms", headers=headers)).json()["alarms"]
    assert [one["device"] for one in alarms] == ["icu-1"]
    theirs = "er-2/boot1/asystole/1000"
    for path in (
        "beds/er-2", "beds/er-2/trend", "beds/er-2/beats", "alarms?device=er-2",
        "recordings/er-2", f"alarms/{theirs}", f"alarms/{theirs}/evidence", f"alarms/{theirs}/fhir",
    ):  # fmt: skip
        answer = await api.get(f"/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_unit"), path
    answer = await api.post(
        f"/v1/alarms/{theirs}/acknowledge", json={"priority": "high"}, headers=headers
    )
    assert answer.status_code == 403
    answer = await api.post(
        "/v1/exports", json={"device": "er-2", "format": "edf"}, headers=headers
    )
    assert answer.status_code == 403
    assert not await redis_client.hlen(keys.acts(0))


async def in_units(client: Store, settings: Settings) -> list[str]:
    """Give icu-1 and er-2 to a unit each, and A. Nurse the first; return the ids of the units."""
    desk = UnitDesk(client, settings, "A. Admin")
    ids = [(await desk.add(name)).id for name in ("ICU", "Emergency")]
    for unit, device in zip(ids, ("icu-1", "er-2"), strict=True):
        await desk.give_beds(unit, {device: 0})
    await desk.give_person("A. NURSE", ids[:1], 0)
    return ids


async def test_the_shift_of_a_unit(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, settings: Settings
) -> None:
    headers = await grant("read")
    for device in ("icu-1", "er-2"):
        await redis_client.hset(keys.roster(0), device, "1 2")
    icu, emergency = await in_units(redis_client, settings)
    found = (await api.get(f"/v1/units/{icu}/shift", headers=headers)).json()
    assert [row["stretch"]["device"] for row in found["rows"]] == ["icu-1"]
    assert found["until"] - found["since"] == pytest.approx(12 * 3600)
    assert found["rows"][0]["heart"]["no_data_s"] == pytest.approx(12 * 3600)
    for unit, query, status in (
        (emergency, "", 404),
        ("00000000", "", 404),
        ("nonsense", "", 422),
        (icu, "?since=5", 422),
        (icu, "?since=200&until=100", 422),
    ):
        answer = await api.get(f"/v1/units/{unit}/shift{query}", headers=headers)
        assert answer.status_code == status, (unit, query)
        assert answer.json()["error"]["message"]


async def test_every_address_of_a_bed_refuses_a_stranger(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, settings: Settings
) -> None:
    headers = await grant()
    for device in ("icu-1", "er-2"):
        await redis_client.hset(keys.roster(0), device, "1 2")
    await in_units(redis_client, settings)
    paths = (await api.get("/openapi.json")).json()["paths"]
    asked = {path: list(methods) for path, methods in paths.items() if "{device}" in path}
    assert len(asked) >= 7
    bodies = {"acknowledge": {"priority": "high"}, "reason": {"reason": "real"}}
    for path, methods in asked.items():
        address = path.replace("{device}", "er-2").replace("{n}", "1")
        for name in ("boot", "kind"):
            address = address.replace(f"{{{name}}}", "asystole")
        for method in methods:
            answer = await api.request(
                method,
                address,
                headers=headers,
                json=bodies[path.rpartition("/")[2]] if method == "post" else None,
            )
            assert answer.status_code == 403, (method, address)


async def test_units_are_told(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, settings: Settings
) -> None:
    headers = await grant("read")
    for device in ("icu-1", "er-2", "new-3"):
        await redis_client.hset(keys.roster(0), device, "1 2")
    assert (await api.get("/v1/units", headers=headers)).json() == {"units": []}
    icu, _ = await in_units(redis_client, settings)
    assert (await api.get("/v1/units", headers=headers)).json() == {
        "units": [{"id": icu, "name": "ICU"}]
    }
    beds = (await api.get("/v1/beds", headers=headers)).json()["beds"]
    assert {one["device"]: one["unit"] for one in beds} == {"icu-1": icu, "new-3": None}
    assert (await api.get("/v1/beds/icu-1", headers=headers)).json()["unit"] == icu


async def test_lists_are_asked_for_by_care_unit(
    api: httpx.AsyncClient,
    grant: Grant,
    redis_client: Store,
    detector: Detector,
    settings: Settings,
) -> None:
    headers = await grant("read")
    now = time.time()
    for device in ("icu-1", "er-2", "new-3"):
        await redis_client.hset(keys.roster(0), device, f"{now - 90:.0f} {now:.0f}")
        await detector.say(make_alarm(), now, device)
    icu, theirs = await in_units(redis_client, settings)
    for what in ("beds", "alarms"):
        answer = await api.get(f"/v1/{what}?unit={icu}", headers=headers)
        assert [one["device"] for one in answer.json()[what]] == ["icu-1"], what
        for unit in (theirs, "0" * 8):
            refused = await api.get(f"/v1/{what}?unit={unit}", headers=headers)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "other_unit")
        wrong = await api.get(f"/v1/{what}?unit=ICU", headers=headers)
        assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "query.unit")


async def test_an_alarm_is_acknowledged_under_the_persons_name(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, detector: Detector
) -> None:
    headers = await grant("read", "acknowledge")
    await detector.say(make_alarm(), time.time())
    (alarm,) = (await api.get("/v1/alarms", headers=headers)).json()["alarms"]
    assert (alarm["kind"], alarm["presence"], alarm["acked_by"]) == ("asystole", "On", None)
    address = f"/v1/alarms/{alarm['id']}"
    answer = await api.post(f"{address}/acknowledge", json={"priority": "high"}, headers=headers)
    assert answer.json() == {"outcome": "acknowledged", "by": "A. Nurse"}
    answer = await api.post(f"{address}/acknowledge", json={"priority": "high"}, headers=headers)
    assert answer.json() == {"outcome": "already", "by": "A. Nurse"}
    assert (await api.get(address, headers=headers)).json()["presence"] == "Ack"
    assert (await api.get(f"{address}/fhir", headers=headers)).json()["resourceType"] == "Bundle"
    entries = [from_fields(fields) for _, fields in await redis_client.xrange(keys.alertlog(0))]
    assert [(one.what, one.who) for one in entries] == [
        ("raised", "detector"),
        ("acknowledged", "A. Nurse"),
    ]


async def test_a_reason_follows_the_acknowledgement(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, detector: Detector
) -> None:
    headers = await grant("read", "acknowledge")
    await detector.say(make_alarm(), time.time())
    address = "/v1/alarms/bed-01/boot1/asystole/1000"
    said = {"reason": "artefact", "text": "electrode V1 was loose"}
    assert (await api.post(f"{address}/reason", json=said, headers=headers)).status_code == 409
    await api.post(f"{address}/acknowledge", json={"priority": "high"}, headers=headers)
    for outcome in ("done", "already"):
        answer = await api.post(f"{address}/reason", json=said, headers=headers)
        assert answer.json() == {"outcome": outcome}
    (alarm,) = (await api.get("/v1/alarms", headers=headers)).json()["alarms"]
    assert (alarm["reason"], alarm["reason_text"]) == ("artefact", "electrode V1 was loose")
    assert (alarm["reason_by"], alarm["reason_at"] > 0) == ("A. Nurse", True)
    for token, path, body, status in (
        (await grant("read"), address, said, 403),
        (await grant("acknowledge", role="viewer"), address, said, 403),
        (headers, address.replace("1000", "1001"), said, 404),
        (headers, address, {"reason": "bored"}, 422),
        (headers, address, {"reason": "real", "text": 201 * "x"}, 422),
        (headers, address, {"reason": "real", "text": "a\nb"}, 422),
        (headers, address, {}, 422),
    ):
        answer = await api.post(f"{path}/reason", json=body, headers=token)
        assert answer.status_code == status, (body, answer.text)
        assert answer.json()["error"]["message"]


async def test_what_acknowledges_nothing(
    api: httpx.AsyncClient, grant: Grant, redis_client: Store, detector: Detector
) -> None:
    await detector.say(make_alarm(), time.time())
    address = "/v1/alarms/bed-01/boot1/asystole/1000/acknowledge"
    good = await grant("acknowledge", "read")
    for headers, path, body, status in (
        (await grant("read"), address, {"priority": "high"}, 403),
        (await grant("acknowledge", role="viewer"), address, {"priority": "high"}, 403),
        (good, address, {"priority": "low"}, 409),  # it was shown less urgent than it is
        (good, address, {"priority": "dreadful"}, 422),
        (good, address, {}, 422),
        (good, address.replace("1000", "1001"), {"priority": "high"}, 404),
        (good, address.replace("bed-01", "..%2f"), {"priority": "high"}, 404),
        (good, address.replace("bed-01", "a b"), {"priority": "high"}, 422),
    ):
        answer = await api.post(path, json=body, headers=headers)
        assert answer.status_code == status, (path, answer.text)
        assert answer.json()["error"]["message"]
    (alarm,) = (await api.get("/v1/alarms", headers=good)).json()["alarms"]
    assert (alarm["presence"], alarm["acked_by"]) == ("On", None)
