"""Sign-in links and sessions: who gets in, who does not."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ecg_monitor import access
from ecg_monitor.errors import SettingsError
from ecg_monitor.settings import Settings

SECRET = "secret of the tests"


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def test_link_signs_in() -> None:
    link = access.sign_in_link(Settings(secret=SECRET, port=8123))
    assert link.startswith("http://127.0.0.1:8123/signin?token=")
    assert access.link_user(SECRET, token_of(link)) == "local"


def test_link_needs_a_secret() -> None:
    with pytest.raises(SettingsError, match="ECG_SECRET"):
        access.sign_in_link(Settings())


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.ü", "x" * 5000])
def test_rubbish_is_refused(text: str) -> None:
    assert access.link_user(SECRET, text) is None
    assert access.session_user(SECRET, text) is None


def test_each_kind_is_good_for_itself_only() -> None:
    link, session = access.make_link_token(SECRET), access.make_session(SECRET, "local")
    assert access.session_user(SECRET, session) == "local"
    assert access.session_user(SECRET, link) is None
    assert access.link_user(SECRET, session) is None


def test_another_secret_is_refused() -> None:
    assert access.session_user("other", access.make_session(SECRET, "local")) is None


def test_every_changed_character_is_noticed() -> None:
    session = access.make_session(SECRET, "local")
    for i, letter in enumerate(session[:-1]):  # the last one carries unused bits
        forged = session[:i] + ("A" if letter != "A" else "B") + session[i + 1 :]
        assert access.session_user(SECRET, forged) is None


@pytest.mark.parametrize(
    ("make", "read", "life"),
    [
        (access.make_link_token, access.link_user, access.LINK_S),
        (
            lambda secret: access.make_session(secret, "local"),
            access.session_user,
            access.SESSION_S,
        ),
    ],
)
def test_both_expire(make, read, life, monkeypatch: pytest.MonkeyPatch) -> None:
    token = make(SECRET)
    import time

    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + life - 5)
    assert read(SECRET, token) == "local"
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + life + 5)
    assert read(SECRET, token) is None


def test_cookie_header() -> None:
    session = access.make_session(SECRET, "local")
    header = f"theme=dark; {access.SESSION_COOKIE}={session}; other=1"
    assert access.user_of_cookie_header(SECRET, header) == "local"
    for wrong in ("", "theme=dark", "=;;\x00=", f"{access.SESSION_COOKIE}=x"):
        assert access.user_of_cookie_header(SECRET, wrong) is None


def test_public_url_and_origins() -> None:
    local = Settings(host="0.0.0.0", port=8050)  # noqa: S104
    assert access.public_url(local) == "http://127.0.0.1:8050"
    assert access.public_url(Settings(host="::1", port=1)) == "http://[::1]:1"
    public = Settings(public_url="https://Monitor.example.org/ecg/", port=8050)
    assert access.public_url(public) == "https://Monitor.example.org/ecg"
    assert access.allowed_origins(public) == {
        "https://monitor.example.org",
        "http://localhost:8050",
        "http://127.0.0.1:8050",
        "http://[::1]:8050",
    }


@pytest.mark.parametrize("url", ["monitor.example.org", "ftp://x", "http://"])
def test_malformed_public_url(url: str) -> None:
    with pytest.raises(SettingsError, match="ECG_PUBLIC_URL"):
        access.public_url(Settings(public_url=url))
