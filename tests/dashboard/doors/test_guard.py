"""Nothing is shown to those who have not signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.web.service import run
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access

SECRET = "secret of the tests"


@pytest.fixture
def client(settings: Settings, client_for: Callable[[Settings], Any]) -> Any:
    return client_for(settings)


@pytest.mark.parametrize(
    "path",
    ["/", "/bed/bed-1", "/system", "/users", "/people", "/system/figures", "/_dash-layout",
     "/_dash-dependencies", "/assets/main.js", "/assets/base/shell.css", "/session", "/nowhere",
     "/healthz/../", "/signin/", "/assets/../assets/main.js", "/assets/base/theme.css/"],
)  # fmt: skip
def test_closed_without_a_session(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.data == b"not signed in\n"


@pytest.mark.parametrize("path", ["/_dash-update-component", "/alerts/pause", "/people/add"])
def test_posts_are_closed_too(client: Any, path: str) -> None:
    assert client.post(path, json={}).status_code == 401


@pytest.mark.parametrize(
    "path", ["/assets/base/theme.css", "/assets/base/theme.js", "/assets/session/sign_in.css"]
)
def test_what_the_sign_in_page_is_drawn_with_is_open(client: Any, path: str) -> None:
    with client.get(path) as answer:
        assert answer.status_code == 200


def test_open_to_who_is_signed_in(
    client: Any, settings: Settings, cookie_of: Callable[..., str]
) -> None:
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "A. Nurse", "viewer"))
    for path in ("/", "/bed/bed-1", "/system", "/_dash-layout", "/assets/main.js", "/session"):
        with client.get(path) as page:
            assert page.status_code == 200
    layout = client.get("/_dash-layout").json
    assert layout["props"]["data-role"] == "viewer"
    assert layout["props"]["data-user"] == "A. Nurse"


@pytest.mark.parametrize("secret", ["other secret", SECRET])
def test_forged_cookies(client: Any, secret: str) -> None:
    """Signed by another, or rightly signed for a session that there is not."""
    client.set_cookie(access.SESSION_COOKIE, access.make_cookie(secret, access.new_token()))
    assert client.get("/").status_code == 401


def test_healthz_is_open_and_says_nothing(client: Any) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.data) == (200, b"ok\n")


def test_pages_and_answers_are_kept_by_no_browser(
    client: Any, settings: Settings, cookie_of: Callable[..., str]
) -> None:
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings))
    for path in ("/", "/bed/bed-1", "/_dash-layout", "/history/bed-1/spans"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path


def test_defences(client: Any) -> None:
    headers = client.get("/").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "ws://127.0.0.1:8051 " in policy
    assert "*" not in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("settings", [Settings(), Settings(secret=SECRET)])
def test_needs_a_secret_and_redis(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"ECG_(SECRET|REDIS_URL) is missing"):
        run(settings)
