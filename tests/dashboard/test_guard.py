"""Nothing is shown to those who have not signed in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from dashboard.app import create_app
from ecg_monitor import access
from ecg_monitor.errors import SettingsError
from ecg_monitor.settings import Settings

SETTINGS = Settings(secret="secret of the tests")


@pytest.fixture
def client() -> Any:
    return create_app(SETTINGS).server.test_client()


def sign_in(client: Any) -> Any:
    parts = urlsplit(access.sign_in_link(SETTINGS))
    return client.get(f"{parts.path}?{parts.query}")


@pytest.mark.parametrize(
    "path",
    ["/", "/bed/bed-1", "/system", "/_dash-layout", "/_dash-dependencies", "/assets/main.js",
     "/session", "/nowhere", "/healthz/../"],
)  # fmt: skip
def test_closed_without_a_session(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.data == b"not signed in\n"


def test_callbacks_are_closed_too(client: Any) -> None:
    assert client.post("/_dash-update-component", json={}).status_code == 401


def test_a_person_is_told_how_to_get_in(client: Any) -> None:
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert b"ecg-monitor dashboard --link" in answer.data


def test_sign_in(client: Any) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    for path in ("/", "/bed/bed-1", "/system", "/_dash-layout", "/assets/main.js"):
        with client.get(path) as page:
            assert page.status_code == 200
    assert client.get("/session").status_code == 204


def test_cookie_is_secure_behind_https() -> None:
    settings = Settings(secret=SETTINGS.secret, public_url="https://monitor.example.org")
    client = create_app(settings).server.test_client()
    assert "Secure" in sign_in(client).headers["Set-Cookie"]


@pytest.mark.parametrize("token", ["", "wrong", access.make_session(SETTINGS.secret, "local")])
def test_wrong_link(client: Any, token: str) -> None:
    answer = client.get("/signin", query_string={"token": token})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_forged_cookie(client: Any) -> None:
    client.set_cookie(access.SESSION_COOKIE, access.make_session("other secret", "local"))
    assert client.get("/").status_code == 401


def test_healthz_is_open_and_says_nothing(client: Any) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.data) == (200, b"ok\n")


def test_defences(client: Any) -> None:
    headers = client.get("/").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "ws://*:8051" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_needs_a_secret() -> None:
    with pytest.raises(SettingsError, match="ECG_SECRET"):
        create_app(Settings())
