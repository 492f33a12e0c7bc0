"""Users managed over HTTP: by an administrator alone, and never against oneself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access

SECRET = "secret of the tests"
ORIGIN = {"Origin": "http://127.0.0.1:8050"}
GOOD = "blue tram no 7"
KARIM = {"name": "Karim", "role": "clinician", "password": GOOD}


@pytest.fixture
def client_as(
    settings: Settings, cookie_of: Callable[..., str], client_for: Callable[[Settings], Any]
) -> Callable[..., Any]:
    def make(user: str, role: str) -> Any:
        client = client_for(settings)
        client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, user, role))
        return client

    return make


@pytest.fixture
def admin(client_as: Callable[..., Any]) -> Any:
    return client_as("Amina", "admin")


def post(client: Any, what: str, **fields: Any) -> Any:
    return client.post(f"/people/{what}", json=fields, headers=ORIGIN)


def test_an_administrator_manages(admin: Any) -> None:
    for what, fields in (
        ("add", KARIM),
        ("role", {"name": "Karim", "role": "viewer"}),
        ("password", {"name": "Karim", "password": "green tram no 8"}),
        ("disable", {"name": "Karim"}),
        ("enable", {"name": "Karim"}),
    ):
        assert post(admin, what, **fields).status_code == 200
    people = admin.get("/people").json
    (user,) = people["users"]
    assert (user["name"], user["role"], user["disabled"]) == ("Karim", "viewer", False)
    assert "password" not in user
    assert [one["what"] for one in people["trail"]][::-1][1:] == [
        *("user_added", "role_changed", "password_changed", "user_disabled", "user_enabled"),
    ]
    assert {one["by"] for one in people["trail"]} == {"Amina"}


def test_a_session_is_ended_from_afar(admin: Any, client_as: Callable[..., Any]) -> None:
    nurse = client_as("Karim", "clinician")
    sessions = {one["user"]: one for one in admin.get("/people").json["sessions"]}
    assert (sessions["Amina"]["own"], sessions["Karim"]["own"]) == (True, False)
    assert post(admin, "revoke", session=sessions["Karim"]["session"]).status_code == 200
    assert nurse.post("/session/active", json={}, headers=ORIGIN).status_code == 401
    again = post(admin, "revoke", session=sessions["Karim"]["session"])
    assert "ended already" in again.json["error"]


@pytest.mark.parametrize("role", ["viewer", "clinician"])
@pytest.mark.parametrize(
    ("what", "fields"),
    [("add", KARIM), ("role", {"name": "Karim", "role": "admin"}), ("disable", {"name": "Amina"}),
     ("password", {"name": "Amina", "password": GOOD}), ("revoke", {"session": "x"})],
)  # fmt: skip
def test_others_manage_nothing(
    client_as: Callable[..., Any], role: str, what: str, fields: dict[str, str]
) -> None:
    client = client_as("Karim", role)
    assert post(client, what, **fields).status_code == 403
    assert client.get("/people").status_code == 403


def test_nobody_locks_themselves_out(admin: Any) -> None:
    post(admin, "add", name="Amina", role="admin", password=GOOD)
    for what, fields in (("disable", {}), ("role", {"role": "viewer"})):
        answer = post(admin, what, name="AMINA", **fields)
        assert answer.status_code == 400
        assert "another administrator" in answer.json["error"]


@pytest.mark.parametrize(
    ("what", "fields", "error"),
    [
        ("add", {"name": "x", "role": "god", "password": GOOD}, "role must be one of"),
        ("add", {"name": 5, "role": "admin", "password": GOOD}, "name must be a text"),
        ("add", {"name": "x", "role": "admin"}, "password must be a text"),
        ("add", {"name": "x", "role": "admin", "password": "password12"}, "too easy to guess"),
        ("role", {"name": "x", "role": None}, "role must be one of"),
        ("disable", {"name": "x"}, "no user 'x'"),
        ("revoke", {}, "session must be a text"),
    ],
)
def test_mistakes_are_told(admin: Any, what: str, fields: dict[str, Any], error: str) -> None:
    answer = post(admin, what, **fields)
    assert answer.status_code == 400
    assert error in answer.json["error"]
