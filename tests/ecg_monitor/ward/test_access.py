"""Signed links and cookies: which are good, which are not."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import URLSafeTimedSerializer

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access

SECRET = "secret of the tests"


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def test_link_signs_in() -> None:
    link = access.sign_in_link(Settings(secret=SECRET, port=8123), "A. Nurse", "clinician")
    assert link.startswith("http://127.0.0.1:8123/signin?token=")
    said = access.read_link_token(SECRET, token_of(link))
    assert said is not None
    assert (said.user, said.role) == ("A. Nurse", "clinician")
    assert abs(said.made_at - time.time()) < 60


def test_link_needs_a_secret() -> None:
    with pytest.raises(SettingsError, match="ECG_SECRET"):
        access.sign_in_link(Settings())


def test_links_can_be_switched_off() -> None:
    with pytest.raises(SettingsError, match="ECG_LINKS"):
        access.sign_in_link(Settings(secret=SECRET, links="off"))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.ü", "x" * 5000])
def test_rubbish_is_refused(text: str) -> None:
    assert access.read_link_token(SECRET, text) is None
    assert access.digest_of_cookie(SECRET, text) is None


@pytest.mark.parametrize("said", ["local", ["local"], ["local", "god"], [1, "admin"], {}, None])
def test_a_signed_link_that_says_something_else(said: object) -> None:
    signed = URLSafeTimedSerializer(SECRET, salt="ecg-monitor sign-in link").dumps(said)
    assert access.read_link_token(SECRET, signed) is None


def test_each_kind_is_good_for_itself_only() -> None:
    link, cookie = access.make_link_token(SECRET), access.make_cookie(SECRET, "token")
    assert access.digest_of_cookie(SECRET, cookie) == access.digest_of("token")
    assert access.digest_of_cookie(SECRET, link) is None
    assert access.read_link_token(SECRET, cookie) is None


def test_another_secret_is_refused() -> None:
    assert access.digest_of_cookie("other", access.make_cookie(SECRET, "token")) is None
    assert access.read_link_token("other", access.make_link_token(SECRET)) is None


def test_every_changed_character_is_noticed() -> None:
    cookie = access.make_cookie(SECRET, access.new_token())
    for i, letter in enumerate(cookie[:-1]):  # the last one carries unused bits
        forged = cookie[:i] + ("A" if letter != "A" else "B") + cookie[i + 1 :]
        assert access.digest_of_cookie(SECRET, forged) is None


def test_tokens_differ_and_are_long() -> None:
    tokens = {access.new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43  # 256 bits


def test_a_link_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    token = access.make_link_token(SECRET)
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + access.LINK_S - 5)
    assert access.read_link_token(SECRET, token) is not None
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + access.LINK_S + 5)
    assert access.read_link_token(SECRET, token) is None


def test_cookie_header() -> None:
    cookie = access.make_cookie(SECRET, "token")
    header = f"theme=dark; {access.SESSION_COOKIE}={cookie}; other=1"
    assert access.digest_of_cookie_header(SECRET, header) == access.digest_of("token")
    for wrong in ("", "theme=dark", "=;;\x00=", f"{access.SESSION_COOKIE}=x"):
        assert access.digest_of_cookie_header(SECRET, wrong) is None


def test_roles_in_their_order() -> None:
    assert access.at_least("admin", "clinician")
    assert access.at_least("viewer", "viewer")
    assert not access.at_least("viewer", "clinician")


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
