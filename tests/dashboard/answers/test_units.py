"""Care units over HTTP: every address that takes a bed refuses one of another unit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import alert_id
from ecg_monitor.ward import access

PARTITIONS = 4
ORIGIN = {"Origin": "http://127.0.0.1:8050"}
MINE, THEIRS, NOBODYS = "bed-mine", "bed-theirs", "bed-new"
ADMINISTRATION = {"/units/beds"}
"""What may be about beds of all units."""
BYTES = {"/studies/piece"}
"""What takes bytes, of a file that somebody sends in: it can name no bed."""


@pytest.fixture
def store(redis_url: str) -> Iterator[Any]:
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    for device in (MINE, THEIRS, NOBODYS):
        client.hset(keys.roster(keys.partition_of(device, PARTITIONS)), device, "1 2")
    yield client
    client.close()


@pytest.fixture
def client_as(
    redis_url: str,
    store: Any,
    cookie_of: Callable[..., str],
    client_for: Callable[[Settings], Any],
) -> Callable[..., Any]:
    """Return a function that returns a browser in which somebody is signed in."""
    settings = Settings(secret="of the tests", redis_url=redis_url, partitions=PARTITIONS)

    server = client_for(settings).application

    def make(user: str, role: str) -> Any:
        client = server.test_client()
        client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, user, role))
        return client

    return make


def post(client: Any, path: str, **fields: Any) -> Any:
    return client.post(path, json=fields, headers=ORIGIN)


@pytest.fixture
def admin(client_as: Callable[..., Any]) -> Any:
    """An administrator who has made two units, given each a bed, and Karim the first."""
    client = client_as("Amina", "admin")
    ids = [post(client, "/units/add", name=name).json["unit"] for name in ("ICU 1", "Ward 3B")]
    for unit, device in zip(ids, (MINE, THEIRS), strict=True):
        assert post(client, "/units/beds", unit=unit, beds={device: 0}).status_code == 200
    assert post(client, "/units/person", name="Karim", units=ids[:1], version=0).status_code == 200
    client.units = ids
    return client


@pytest.fixture
def nurse(admin: Any, client_as: Callable[..., Any]) -> Any:
    """A clinician of the first unit."""
    return client_as("Karim", "clinician")


def addresses(client: Any, method: str, kind: str) -> list[str]:
    rules = client.application.url_map.iter_rules()
    return sorted(
        one.rule for one in rules if method in one.methods and one.endpoint.startswith(kind)
    )


def test_every_address_of_a_bed_refuses_a_stranger(nurse: Any, admin: Any) -> None:
    rules = nurse.application.url_map.iter_rules()
    taking = sorted(one.rule for one in rules if "device" in one.arguments)
    assert len(taking) > 15
    for rule in taking:
        refused = nurse.get(rule.replace("<device>", THEIRS))
        assert (refused.status_code, refused.json["error"]) == (
            403, "This bed is of another care unit",
        ), rule  # fmt: skip
        for device in (MINE, NOBODYS):
            assert nurse.get(rule.replace("<device>", device)).status_code != 403, rule
        assert admin.get(rule.replace("<device>", THEIRS)).status_code != 403, rule


@pytest.mark.parametrize(
    "fields",
    [
        {"device": THEIRS},
        {"device": MINE, "to": THEIRS},
        {"beds": {MINE: {}, THEIRS: {}}},
        {"beds": [MINE, THEIRS]},
        {"device": MINE, "seen": {f"{THEIRS}/b/asystole/1": "high"}},
        {"seen": {f"{MINE}/b/asystole/1": "high", f"{THEIRS}/b/asystole/1": "high"}},
        {"id": f"{THEIRS}/b/asystole/1"},
    ],
)
def test_every_post_that_names_a_bed_refuses_a_stranger(
    nurse: Any, store: Any, fields: dict[str, Any]
) -> None:
    paths = set(addresses(nurse, "POST", "post:")) - ADMINISTRATION - BYTES
    assert {"/alerts/acknowledge", "/patients/transfer", "/units/bed"} <= paths
    before = {key: store.dump(key) for key in store.keys("*") if b"people" not in key}
    for path in sorted(paths):
        answer = post(nurse, path, **fields)
        assert answer.status_code == 403, path
    assert {key: store.dump(key) for key in store.keys("*") if b"people" not in key} == before


def test_their_own_beds_are_handled_as_ever(nurse: Any) -> None:
    answer = post(nurse, "/patients/admit", device=MINE, patient="1", name="A", category="adult",
                  version=0)  # fmt: skip
    assert answer.status_code == 200, answer.json
    page = nurse.get(f"/patients/{MINE}").json
    assert page["free"] == [] or THEIRS not in page["free"]


def test_the_list_of_alarms_leaves_out_other_units(nurse: Any, admin: Any, store: Any) -> None:
    for device in (MINE, THEIRS, NOBODYS):
        at = time.time() - 60
        facts = {
            "id": alert_id(device, "b", "bradycardia", 1), "device": device, "boot": "b",
            "kind": "bradycardia", "priority": "medium", "n": 1, "value": 38.0, "limit": 40.0,
            "present": True, "onset_at": at, "raised_at": at, "cleared_at": None,
        }  # fmt: skip
        store.hset(keys.alerts(keys.partition_of(device, PARTITIONS)), facts["id"],
                   orjson.dumps(facts))  # fmt: skip
    icu, ward = admin.units
    found = nurse.get("/alarms/list").json
    assert {one["device"]: one["unit"] for one in found["alarms"]} == {MINE: icu, NOBODYS: ""}
    assert found["units"] == [{"id": icu, "name": "ICU 1"}]
    found = admin.get("/alarms/list").json
    assert {one["device"]: one["unit"] for one in found["alarms"]} == {
        MINE: icu, THEIRS: ward, NOBODYS: "",
    }  # fmt: skip


def test_the_page_of_a_bed_of_another_unit_says_so(nurse: Any) -> None:
    def element(device: str) -> str:
        return nurse.post(
            "/_dash-update-component",
            json={
                "output": ".._pages_content.children..._pages_store.data..",
                "outputs": [{"id": "_pages_content", "property": "children"},
                            {"id": "_pages_store", "property": "data"}],
                "inputs": [{"id": "_pages_location", "property": "pathname",
                            "value": f"/bed/{device}"},
                           {"id": "_pages_location", "property": "search", "value": ""}],
                "changedPropIds": ["_pages_location.pathname"],
            },
        ).get_data(as_text=True)  # fmt: skip

    assert '"data-view":"elsewhere"' in element(THEIRS)
    assert THEIRS not in element(THEIRS)
    assert f'"data-device":"{MINE}"' in element(MINE)
    for page in (f"/bed/{THEIRS}", f"/review/{THEIRS}", f"/bed/{THEIRS}/patient", "/?unit=x"):
        assert nurse.get(page).status_code == 200


def test_spans_at_beds_of_other_units_are_left_out(
    nurse: Any, client_as: Callable[..., Any]
) -> None:
    zoe = client_as("Zoe", "clinician")
    stay = {"patient": "1", "name": "A", "category": "adult"}
    assert post(zoe, "/patients/admit", device=THEIRS, version=0, **stay).status_code == 200
    version = zoe.get(f"/patients/{THEIRS}").json["version"]
    moved = post(zoe, "/patients/transfer", device=THEIRS, to=MINE, version=version)
    assert moved.status_code == 200, moved.json
    for path in ("history", "recorded"):
        shown = {one["device"] for one in zoe.get(f"/{path}/{MINE}/spans").json["spans"]}
        assert shown == {MINE, THEIRS}
        shown = {one["device"] for one in nurse.get(f"/{path}/{MINE}/spans").json["spans"]}
        assert shown == {MINE}


def test_people_see_the_units_that_they_were_given(nurse: Any, admin: Any) -> None:
    assert [one["name"] for one in nurse.get("/units").json["units"]] == ["ICU 1"]
    assert nurse.get("/units").json["given"] is True
    assert [one["name"] for one in admin.get("/units").json["units"]] == ["ICU 1", "Ward 3B"]
    assert admin.get("/units").json["given"] is False
    everything = admin.get("/units/all").json
    assert {one["device"]: one["unit"] for one in everything["beds"]} == {
        MINE: admin.units[0], THEIRS: admin.units[1], NOBODYS: "",
    }  # fmt: skip
    assert [one["name"] for one in everything["people"]] == ["Karim"]


def test_what_is_taken_away_is_out_of_sight_at_the_next_click(nurse: Any, admin: Any) -> None:
    assert nurse.get(f"/patients/{MINE}").status_code == 200
    assert post(admin, "/units/beds", unit=admin.units[1], beds={MINE: 1}).status_code == 200
    assert post(nurse, "/alerts/resume", device=MINE).status_code == 403  # posts look first
    assert nurse.get(f"/patients/{MINE}").status_code == 403


@pytest.mark.parametrize("role", ["viewer", "clinician"])
def test_others_do_not_administer_units(client_as: Callable[..., Any], role: str) -> None:
    client = client_as("Karim", role)
    for path in ("add", "rename", "remove", "beds", "person"):
        assert post(client, f"/units/{path}", name="x").status_code == 403
    assert client.get("/units/all").status_code == 403


def test_a_clinician_gives_a_bed_within_their_own_units(nurse: Any, admin: Any) -> None:
    icu, ward = admin.units
    assert post(nurse, "/units/bed", device=NOBODYS, unit=icu, version=0).status_code == 200
    for unit in (ward, "", "00000000"):
        answer = post(nurse, "/units/bed", device=MINE, unit=unit, version=1)
        assert answer.status_code == 400
        assert "your own care units" in answer.json["error"]
    shown = nurse.get(f"/units/bed/{NOBODYS}").json
    assert (shown["unit"], shown["name"], shown["by"]) == (icu, "ICU 1", "Karim")
    again = post(nurse, "/units/bed", device=NOBODYS, unit=icu, version=0)
    assert "Karim has changed this meanwhile" in again.json["error"]


def test_a_display_on_a_wall_shows_the_units_that_it_was_started_for(
    nurse: Any, admin: Any, client_as: Callable[..., Any]
) -> None:
    icu, ward = admin.units
    for units, error in (([ward], "not yours"), (["x"], "not yours"), ("x", "list of ids"),
                         ([{}], "list of ids")):  # fmt: skip
        answer = post(nurse, "/session/wall", units=units)
        assert answer.status_code == 400
        assert error in answer.json["error"]
    assert post(nurse, "/session/wall", units=[icu]).status_code == 200
    assert nurse.get(f"/patients/{MINE}").status_code == 200
    assert nurse.get(f"/patients/{THEIRS}").status_code == 403
    sees_all = client_as("Zoe", "clinician")
    assert sees_all.get(f"/patients/{MINE}").status_code == 200
    assert post(sees_all, "/session/wall", units=[ward]).status_code == 200
    assert sees_all.get(f"/patients/{MINE}").status_code == 403
    assert [one["name"] for one in sees_all.get("/units").json["units"]] == ["Ward 3B"]


@pytest.mark.parametrize(
    ("name", "error"),
    [("", "1 to 40"), ("<b>" * 20, "1 to 40"), ("\u202eUCI", "printable"), (None, "a text")],
)
def test_names_that_are_none_are_told(admin: Any, name: Any, error: str) -> None:
    answer = post(admin, "/units/add", name=name)
    assert answer.status_code == 400
    assert error in answer.json["error"]


def test_a_megabyte_of_name_is_refused_unread(admin: Any) -> None:
    answer = post(admin, "/units/add", name="x" * 2**20)
    assert answer.status_code in (400, 413)
    assert len(admin.get("/units").json["units"]) == 2
