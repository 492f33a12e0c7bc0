"""Signing in and out over HTTP, with a real Redis behind it; also by those who should not."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts.entrance import Entrance
from ecg_monitor.ward.accounts.people import People
from tests.support.waiting import wait_until

SECRET = "secret of the tests"
ORIGIN = {"Origin": "http://127.0.0.1:8050"}
PAGE = {"Accept": "text/html"}
GOOD = "blue tram no 7"


def ask(url: str, act: Callable[[Store], Awaitable[Any]]) -> Any:
    async def do() -> Any:
        client = store.connect(url)
        try:
            return await act(client)
        finally:
            await client.aclose()

    return asyncio.run(do())


@pytest.fixture
def settings(redis_url: str) -> Settings:
    """An emptied Redis with one clinician."""

    async def fill(client: Store) -> None:
        await client.flushall()
        await People(client, "A. Admin").add("Karim", "clinician", GOOD)

    ask(redis_url, fill)
    return Settings(secret=SECRET, redis_url=redis_url)


@pytest.fixture
def client(settings: Settings, client_for: Callable[[Settings], Any]) -> Any:
    return client_for(settings)


def sign_in(client: Any, name: str = "Karim", password: str = GOOD, **fields: str) -> Any:
    form = {"name": name, "password": password, **fields}
    return client.post("/signin", data=form, headers=ORIGIN)


def cookie(answer: Any) -> str:
    found = re.match(rf"{access.SESSION_COOKIE}=([^;]*)", answer.headers["Set-Cookie"])
    assert found is not None
    return found[1]


def trail(url: str) -> list[str]:
    entries = ask(url, lambda client: People(client, "").trail())
    return [entry.what for entry in reversed(entries)]


def test_by_name_and_password(client: Any, settings: Settings) -> None:
    page = client.get("/bed/bed-1?leads=2", headers=PAGE)
    assert page.status_code == 401
    assert b'value="/bed/bed-1?leads=2"' in page.data
    answer = sign_in(client, next="/bed/bed-1?leads=2")
    assert (answer.status_code, answer.location) == (303, "/bed/bed-1?leads=2")
    set_cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Secure" not in set_cookie
    session = client.get("/session").json
    assert (session["user"], session["role"], session["kind"]) == ("Karim", "clinician", "person")
    assert 890 < session["acts_s"] <= 900
    assert trail(settings.redis_url) == ["user_added", "signed_in"]


def test_cookie_is_secure_behind_https(
    settings: Settings, client_for: Callable[[Settings], Any]
) -> None:
    behind = Settings(
        secret=SECRET, redis_url=settings.redis_url, public_url="https://monitor.example.org"
    )
    client = client_for(behind)
    headers = {"Origin": "https://monitor.example.org"}
    answer = client.post("/signin", data={"name": "Karim", "password": GOOD}, headers=headers)
    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil",
     "/signin", "/session/end", "", "/_dash-layout"],
)  # fmt: skip
def test_goes_on_to_a_page_of_ours_only(client: Any, target: str) -> None:
    assert sign_in(client, next=target).location == "/"


@pytest.mark.parametrize(("name", "password"), [("Karim", "wrong"), ("nobody", GOOD), ("", "")])
def test_refused(client: Any, settings: Settings, name: str, password: str) -> None:
    answer = sign_in(client, name, password)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert b"User name or password is wrong" in answer.data
    assert trail(settings.redis_url) == ["user_added", "refused"]
    assert client.get("/").status_code == 401


def test_what_was_typed_is_no_markup(client: Any) -> None:
    answer = sign_in(client, '"><script>alert(1)</script>{%next%}', "x", next='/"><b>')
    assert b"<script>alert" not in answer.data
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;{%next%}" in answer.data
    assert b'"><b>' not in answer.data


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}]
)
def test_a_page_of_another_site_signs_nobody_in(
    client: Any, settings: Settings, headers: dict[str, str]
) -> None:
    """Login CSRF: the visitor would work under the name of somebody else."""
    answer = client.post("/signin", data={"name": "Karim", "password": GOOD}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert trail(settings.redis_url) == ["user_added"]


@pytest.mark.parametrize("path", ["end", "wall", "active", "again", "password"])
def test_a_page_of_another_site_does_nothing_with_a_session(client: Any, path: str) -> None:
    sign_in(client)
    answer = client.post(f"/session/{path}", json={}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert client.get("/session").status_code == 200


def test_guessing_is_slowed_down(client: Any) -> None:
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 401
    # Each wait is twice the one before: on a slow machine the first may be over with the question.
    held = (sign_in(client, password="wrong").status_code == 429 for _ in range(8))
    assert any(held), "whoever guesses on has to wait"
    answer = sign_in(client)  # even the right one
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert b"Too many failed attempts; try again in" in answer.data


def test_whoever_guesses_names_no_other_address(client: Any, settings: Settings) -> None:
    """X-Forwarded-For of a stranger counts for nothing."""
    for number in range(20):
        form = {"name": f"user {number}", "password": "wrong"}
        headers = {**ORIGIN, "X-Forwarded-For": f"10.0.0.{number}"}
        assert client.post("/signin", data=form, headers=headers).status_code == 401
    assert sign_in(client).status_code == 429


def test_a_cookie_is_worth_nothing_after_the_sign_out(
    client: Any, settings: Settings, client_for: Callable[[Settings], Any]
) -> None:
    copied = cookie(sign_in(client))
    other = client_for(settings)  # another process of the same system
    other.set_cookie(access.SESSION_COOKIE, copied)
    assert other.get("/session").status_code == 200
    assert client.post("/session/end", json={}, headers=ORIGIN).status_code == 200
    client.set_cookie(access.SESSION_COOKIE, copied)
    assert client.get("/session").status_code == 401
    # It can do nothing at once, and see nothing within two seconds.
    assert other.post("/session/active", json={}, headers=ORIGIN).status_code == 401
    assert other.get("/session").status_code == 401
    assert trail(settings.redis_url)[-1] == "signed_out"


def test_a_revoked_session_is_over_within_seconds(client: Any, settings: Settings) -> None:
    digest = access.digest_of_cookie(SECRET, cookie(sign_in(client)))
    assert client.get("/session").status_code == 200
    ask(settings.redis_url, lambda one: Entrance(one, settings).revoke(str(digest), "x", ""))
    wait_until(lambda: client.get("/session").status_code != 200)


def test_a_planted_session_is_not_the_one_that_signs_in(
    client: Any, settings: Settings, client_for: Callable[[Settings], Any]
) -> None:
    """Session fixation."""
    planted = cookie(sign_in(client_for(settings)))
    client.set_cookie(access.SESSION_COOKIE, planted)
    assert cookie(sign_in(client)) != planted
    mallory = client_for(settings)
    mallory.set_cookie(access.SESSION_COOKIE, planted)
    assert mallory.get("/session").status_code == 401


def test_a_wall_display(client: Any, settings: Settings) -> None:
    person = cookie(sign_in(client))
    answer = client.post("/session/wall", json={}, headers=ORIGIN)
    assert answer.status_code == 200
    assert "Max-Age=604800" in answer.headers["Set-Cookie"]
    session = client.get("/session").json
    assert (session["role"], session["kind"], session["idle_s"]) == ("viewer", "wall", None)
    assert client.post("/session/wall", json={}, headers=ORIGIN).status_code == 400
    denied = client.post("/alerts/pause", json={"device": "bed-1", "seen": {}}, headers=ORIGIN)
    assert denied.status_code == 403
    client.set_cookie(access.SESSION_COOKIE, person)
    assert client.post("/session/active", json={}, headers=ORIGIN).status_code == 401


def test_activity_counts_and_looking_does_not(client: Any, settings: Settings) -> None:
    digest = access.digest_of_cookie(SECRET, cookie(sign_in(client)))
    plain = redis.Redis.from_url(settings.redis_url)
    plain.hset(keys.SEEN, digest, str(time.time() - 600))
    client.get("/session")
    assert float(plain.hget(keys.SEEN, digest)) < time.time() - 500
    assert client.post("/session/active", json={}, headers=ORIGIN).status_code == 200
    assert float(plain.hget(keys.SEEN, digest)) > time.time() - 60
    plain.hset(keys.SEEN, digest, str(time.time() - 901))
    assert client.post("/session/active", json={}, headers=ORIGIN).status_code == 403
    assert float(plain.hget(keys.SEEN, digest)) < time.time() - 900
    plain.close()


ACTS = ["/alerts/acknowledge", "/alerts/pause", "/alerts/standby", "/patients/admit",
        "/patients/change", "/patients/note", "/session/active", "/session/wall",
        "/session/password"]  # fmt: skip


def test_who_is_idle_watches_and_does_nothing(
    client: Any, settings: Settings, client_for: Callable[[Settings], Any]
) -> None:
    copied = cookie(sign_in(client))
    digest = str(access.digest_of_cookie(SECRET, copied))
    plain = redis.Redis.from_url(settings.redis_url)
    plain.hset(keys.SEEN, digest, str(time.time() - 901))
    plain.close()
    wall = client_for(settings)  # what an open page asks, and one that is loaded anew
    wall.set_cookie(access.SESSION_COOKIE, copied)
    for path in ("/", "/session", "/_dash-layout", "/patients/bed-1", "/bed/bed-1"):
        assert wall.get(path).status_code == 200, path
    assert wall.get("/session").json["acts_s"] < 0
    for path in ACTS:
        answer = wall.post(path, json={}, headers=ORIGIN)
        assert (answer.status_code, answer.json["who"]) == (403, True), path
        assert "say who you are" in answer.json["error"]

    def again(**fields: Any) -> Any:
        return wall.post("/session/again", json=fields, headers=ORIGIN)

    assert again(name="Karim", password=None).status_code == 400
    wrong = again(name="Karim", password="wrong")
    assert wrong.status_code == 400
    assert "password is wrong" in wrong.json["error"]
    assert again(name="Karim", password=GOOD).json == {"same": True}
    note = {"device": "bed-1", "stay": "x", "text": "y"}
    assert "who" not in wall.post("/patients/note", json=note, headers=ORIGIN).json
    assert wall.post("/session/active", json={}, headers=ORIGIN).status_code == 200
    assert trail(settings.redis_url)[-2:] == ["refused", "came_back"]


def test_somebody_else_at_an_idle_session_works_under_their_own_name(
    client: Any, settings: Settings
) -> None:
    ask(settings.redis_url, lambda one: People(one, "").add("Amina", "admin", "green tram no 8"))
    former = cookie(sign_in(client))
    fields = {"name": "Amina", "password": "green tram no 8"}
    answer = client.post("/session/again", json=fields, headers=ORIGIN)
    assert answer.json == {"same": False}
    assert cookie(answer) != former
    assert client.get("/session").json["user"] == "Amina"


def test_an_idle_session_is_ended_by_hand(client: Any, settings: Settings) -> None:
    digest = str(access.digest_of_cookie(SECRET, cookie(sign_in(client))))
    plain = redis.Redis.from_url(settings.redis_url)
    plain.hset(keys.SEEN, digest, str(time.time() - 901))
    plain.close()
    assert client.post("/session/end", json={}, headers=ORIGIN).status_code == 200
    assert client.get("/session").status_code == 401


def test_ones_own_password(client: Any) -> None:
    sign_in(client)

    def change(old: Any, new: Any) -> Any:
        fields = {"old": old, "new": new}
        return client.post("/session/password", json=fields, headers=ORIGIN)

    assert "present password" in change("wrong", "green tram no 8").json["error"]
    assert "at least 10" in change(GOOD, "short").json["error"]
    assert "texts" in change(GOOD, None).json["error"]
    assert change(GOOD, "green tram no 8").status_code == 200
    assert client.get("/session").status_code == 401
    assert sign_in(client).status_code == 401
    assert sign_in(client, password="green tram no 8").status_code == 303


def test_a_link_signs_in(client: Any, settings: Settings) -> None:
    parts = urlsplit(access.sign_in_link(settings, "A. Nurse", "viewer"))
    answer = client.get(f"{parts.path}?{parts.query}")
    assert (answer.status_code, answer.location) == (303, "/")
    session = client.get("/session").json
    assert (session["user"], session["role"], session["kind"]) == ("A. Nurse", "viewer", "link")


@pytest.mark.parametrize("token", ["", "wrong", access.make_cookie(SECRET, "token")])
def test_wrong_links(client: Any, token: str) -> None:
    answer = client.get("/signin", query_string={"token": token})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_links_switched_off(settings: Settings, client_for: Callable[[Settings], Any]) -> None:
    link = urlsplit(access.sign_in_link(settings))
    off = Settings(secret=SECRET, redis_url=settings.redis_url, links="off")
    answer = client_for(off).get(f"{link.path}?{link.query}")
    assert answer.status_code == 401


def test_while_redis_is_away_who_is_in_stays_and_nobody_comes(
    tmp_path: Path, client_for: Callable[[Settings], Any]
) -> None:
    service = start_redis(Settings(state=str(tmp_path)))
    settings = Settings(secret=SECRET, redis_url=service.url)
    ask(service.url, lambda one: People(one, "A. Admin").add("Karim", "clinician", GOOD))
    client = client_for(settings)
    copied = cookie(sign_in(client))
    service.stop()
    time.sleep(2.1)  # the copy of the sessions is out of date
    assert client.get("/session").status_code == 200
    assert client.post("/session/end", json={}, headers=ORIGIN).status_code == 503
    assert sign_in(client).status_code == 503
    assert client.get("/session").status_code == 200
    newcomer = client_for(settings)
    newcomer.set_cookie(access.SESSION_COOKIE, copied)
    assert newcomer.get("/session").status_code == 401


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "Se connecter"), ("ar", "تسجيل الدخول"), ("en", "Sign in")]
)
def test_speaks_the_visitors_language(client: Any, language: str, text: str) -> None:
    page = client.get("/signin", headers={"Accept-Language": language}).get_data(as_text=True)
    assert f"<h1>{text}</h1>" in page
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
