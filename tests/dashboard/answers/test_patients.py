"""Patients over HTTP, with a real Redis behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access
from ecg_monitor.ward.devices.roster import RosterEntry

SECRET = "secret of the tests"
ORIGIN = {"Origin": "http://127.0.0.1:8050"}
BED, OTHER = "bed-1", "bed-2"


@pytest.fixture
def client_of(
    redis_url: str, cookie_of: Callable[..., str], client_for: Callable[[Settings], Any]
) -> Callable[..., Any]:
    """Return a function that makes a client of a dashboard over an empty Redis."""
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.close()
    settings = Settings(secret=SECRET, redis_url=redis_url)

    def make(user: str | None, role: str = "clinician") -> Any:
        one = client_for(settings)
        if user is not None:
            one.set_cookie(access.SESSION_COOKIE, cookie_of(settings, user, role))
        return one

    return make


@pytest.fixture
def nurse(client_of: Callable[..., Any]) -> Any:
    return client_of("A. Nurse")


def post(client: Any, what: str, **fields: Any) -> Any:
    return client.post(f"/patients/{what}", json={"device": BED, **fields}, headers=ORIGIN)


def page(client: Any, device: str = BED) -> Any:
    answer = client.get(f"/patients/{device}")
    assert answer.status_code == 200
    return answer.json


def admit(client: Any, device: str = BED, version: int = 0) -> int:
    answer = post(client, "admit", device=device, patient="4711", name="Ada L.",
                  category="paediatric", version=version)  # fmt: skip
    assert answer.status_code == 200, answer.json
    return int(answer.json["version"])


def test_a_stay_over_http(nurse: Any) -> None:
    empty = page(nurse)
    assert (empty["admission"], empty["version"], empty["may_edit"]) == (None, 0, True)
    version = admit(nurse)
    shown = page(nurse)
    assert shown["admission"]["name"] == "Ada L."
    assert shown["admission"]["admitted_by"] == "A. Nurse"
    assert shown["in_force"] is False, "no detector has read it"
    assert shown["defaults"]["paediatric"]["rate"]["high_bpm"] == 160.0
    assert shown["ranges"]["rate"]["high_bpm"] == [10, 300, False]
    assert shown["ranges"]["rate"]["limit_beats"][2] is True
    assert "asystole" in shown["fixed"]

    wanted = {"limits": {"rate": {"high_bpm": 150}}, "alarms": {"couplet": "off"}}
    preview = post(nurse, "preview", **wanted, version=version).json
    assert preview["problems"] == []
    assert [one["field"] for one in preview["changes"]] == [
        "alarms.couplet", "limits.rate.high_bpm",
    ]  # fmt: skip
    assert page(nurse)["admission"]["limits"] == {}
    assert post(nurse, "change", **wanted, version=version).status_code == 200
    assert page(nurse)["admission"]["limits"] == {"rate": {"high_bpm": 150.0}}

    stay = shown["admission"]["stay"]
    assert post(nurse, "note", stay=stay, text="restless").status_code == 200
    assert page(nurse)["notes"][0]["text"] == "restless"
    moved = post(nurse, "transfer", to=OTHER, version=page(nurse)["version"])
    assert moved.status_code == 200
    assert page(nurse)["admission"] is None
    assert page(nurse)["free"] == []
    there = page(nurse, OTHER)
    assert there["admission"]["stay"] == stay
    assert there["free"] == [BED]
    assert post(nurse, "discharge", device=OTHER, version=there["version"]).status_code == 200
    whats = [entry["what"] for entry in page(nurse)["trail"]]
    assert whats == ["left", "leaving", "noted", "changed", "admitted"]
    assert {entry["who"] for entry in page(nurse)["trail"]} == {"A. Nurse"}


def test_limits_of_a_bed_to_which_nobody_is_admitted(nurse: Any) -> None:
    shown = page(nurse)
    assert shown["own"] == {"name": "", "category": "adult", "limits": {}, "alarms": {}}
    assert shown["defaults"]["adult"]["rate"]["high_bpm"] == 120.0
    wanted = {"name": "", "limits": {"rate": {"high_bpm": 125}}, "alarms": {"couplet": "off"}}
    preview = post(nurse, "preview", **wanted, version=0).json
    assert [one["field"] for one in preview["changes"]] == [
        "alarms.couplet", "limits.rate.high_bpm",
    ]  # fmt: skip
    assert post(nurse, "change", **wanted, version=0).status_code == 200
    shown = page(nurse)
    assert shown["own"]["limits"] == {"rate": {"high_bpm": 125.0}}
    assert (shown["admission"], shown["trail"][0]["what"]) == (None, "changed")
    second = post(nurse, "change", **wanted, version=0)
    assert "A. Nurse has changed this bed meanwhile" in second.json["error"]


def test_a_bed_is_named_and_removed(nurse: Any, redis_url: str) -> None:
    fields = {"label": "Bay 3", "place": 2}
    assert post(nurse, "bed", **fields, version=0).status_code == 200
    shown = page(nurse)
    assert (shown["label"], shown["place"], shown["trail"][0]["what"]) == ("Bay 3", 2, "named")
    second = post(nurse, "bed", **fields, version=0)
    assert "A. Nurse has changed this bed meanwhile" in second.json["error"]
    empty = post(nurse, "bed", label="", place=None, version=shown["version"])
    assert empty.json["error"] == "Name must have 1 to 24 characters, got 0"
    assert "no such device is known" in post(nurse, "remove").json["error"]
    partition = keys.partition_of(BED, 4)
    client = redis.Redis.from_url(redis_url)
    now = time.time()
    client.hset(keys.roster(partition), BED, RosterEntry(now - 7200, now).to_text())
    assert "it sends" in post(nurse, "remove").json["error"]
    client.hset(keys.roster(partition), BED, RosterEntry(now - 7200, now - 3600).to_text())
    admitted = admit(nurse, version=shown["version"])
    assert "discharge its patient first" in post(nurse, "remove").json["error"]
    post(nurse, "discharge", version=admitted)
    assert post(nurse, "remove").status_code == 200
    assert client.hexists(keys.removals(partition), BED)
    client.close()


def test_who_comes_second_is_told(nurse: Any, client_of: Callable[..., Any]) -> None:
    other = client_of("B. Doctor")
    version = admit(nurse)
    assert post(other, "change", version=version, name="Ada M.").status_code == 200
    answer = post(nurse, "change", version=version, name="Ada N.")
    assert answer.status_code == 400
    assert "B. Doctor has changed this bed meanwhile" in answer.json["error"]


def test_what_would_change_is_held_against_what_was_shown(nurse: Any) -> None:
    admit(nurse)
    answer = post(nurse, "preview", version=0, name="", limits={"rate": {"high_bpm": 100}})
    assert answer.status_code == 400, "the name would be shown as taken away from the patient"
    assert "has changed this bed meanwhile" in answer.json["error"]


def test_all_mistakes_are_shown_at_once(nurse: Any) -> None:
    version = admit(nurse)
    limits = {"rate": {"low_bpm": 500, "x": 1}}
    answer = post(nurse, "preview", version=version, limits=limits, alarms={"vf": "off"})
    assert [one["field"] for one in answer.json["problems"]] == [
        "rate.x", "rate.low_bpm", "alarms.vf",
    ]  # fmt: skip
    assert answer.json["changes"] == []


@pytest.mark.parametrize(
    ("what", "fields", "told"),
    [
        ("admit", {"patient": "1", "category": "adult"}, "version must be"),
        ("admit", {"patient": "1", "category": "old", "version": 0}, "category must be one of"),
        ("admit", {"patient": 5, "category": "adult", "version": 0}, "patient must be a text"),
        ("admit", {"device": "a b", "version": 0}, "device must be a device id"),
        ("admit", {"device": ["x"], "version": 0}, "device must be a device id"),
        ("preview", {}, "version must be"),
        ("change", {"version": True}, "version must be"),
        ("change", {"version": 0, "limits": []}, "limits must be a map"),
        ("change", {"version": 0, "name": "Ada"}, "there is no patient"),
        ("change", {"version": 0, "limits": {"rate": {"high_bpm": 900}}}, "must be 10 .. 300"),
        ("change", {"version": 0, "alarms": {"vf": "off"}}, "must stay high"),
        ("discharge", {"version": 0}, "there is no patient"),
        ("transfer", {"version": 0, "to": OTHER}, "no patient to be transferred"),
        ("note", {"text": "x"}, "stay must name"),
        ("note", {"text": "x", "stay": "s"}, "there is no patient"),
    ],
)
def test_malformed_requests_are_told(
    nurse: Any, what: str, fields: dict[str, Any], told: str
) -> None:
    answer = post(nurse, what, **fields)
    assert answer.status_code == 400
    assert told in answer.json["error"]
    assert page(nurse)["trail"] == []


@pytest.mark.parametrize(("characters", "bound"), [(2001, "2000"), (2**20, "65536")])
def test_a_note_that_is_too_long_is_refused_and_nothing_of_it_is_kept(
    nurse: Any, characters: int, bound: str
) -> None:
    """What a person may have typed is told its bound; a megabyte is not read at all."""
    admit(nurse)
    stay = page(nurse)["admission"]["stay"]
    answer = post(nurse, "note", stay=stay, text="x" * characters)
    assert answer.status_code == 400
    assert bound in answer.json["error"]
    assert [one["what"] for one in page(nurse)["trail"]] == ["admitted"]
    assert post(nurse, "note", stay=stay, text="x" * 2000).status_code == 200


@pytest.mark.parametrize("fields", [{"label": "Bay 4"}, {"place": 7}], ids=["name", "order"])
def test_of_two_who_edit_a_bed_the_second_is_told_and_nothing_is_lost(
    nurse: Any, client_of: Callable[..., Any], fields: dict[str, Any]
) -> None:
    both = {"label": "Bay 3", "place": 2}
    assert post(client_of("B. Doctor"), "bed", **both, version=0).status_code == 200
    answer = post(nurse, "bed", **both | fields, version=0)
    assert answer.status_code == 400
    assert "B. Doctor has changed this bed meanwhile" in answer.json["error"]
    shown = page(nurse)
    assert {name: shown[name] for name in both} == both


def test_names_that_no_bed_can_have_are_told(nurse: Any) -> None:
    assert post(nurse, "bed", device=OTHER, label="Bay 3", place=1, version=0).status_code == 200
    for label, words in (
        ("", "1 to 24 characters"), ("   ", "1 to 24 characters"), ("x" * 25, "1 to 24 characters"),
        ("Bay 3", "bed-2 has this name already"), ("\u202eyaB", "printable"),
    ):  # fmt: skip
        answer = post(nurse, "bed", label=label, place=1, version=0)
        assert answer.status_code == 400, label
        assert words in answer.json["error"], label
    assert page(nurse)["trail"] == []


def test_a_viewer_sees_and_changes_nothing(client_of: Callable[..., Any]) -> None:
    viewer = client_of("V. Viewer", "viewer")
    assert page(viewer)["may_edit"] is False
    for what in ("admit", "preview", "change", "discharge", "transfer", "note"):
        answer = post(viewer, what, version=0)
        assert answer.status_code == 403
    assert page(viewer)["trail"] == []


def test_strangers_see_nothing(client_of: Callable[..., Any]) -> None:
    stranger = client_of(None)
    assert stranger.get(f"/patients/{BED}").status_code == 401
    assert post(stranger, "admit", version=0).status_code == 401


def test_a_device_that_is_none_is_told(nurse: Any) -> None:
    answer = nurse.get("/patients/a b")
    assert answer.status_code == 400
    assert "device id" in answer.json["error"]


def test_a_wrong_configuration_stops_the_start(
    tmp_path: Any, redis_url: str, client_for: Callable[[Settings], Any]
) -> None:
    path = tmp_path / "ward.toml"
    path.write_text("[adult.rate]\nlow_bpm = 500")
    with pytest.raises(SettingsError, match=r"adult\.rate\.low_bpm must be 10"):
        client_for(Settings(secret=SECRET, redis_url=redis_url, config=str(path)))
