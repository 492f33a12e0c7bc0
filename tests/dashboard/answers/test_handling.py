"""Acknowledging and pausing over HTTP, with a real Redis behind it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis

from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.services.start import start_redis
from ecg_monitor.ward import access
from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.handling import actions
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.model import Alert

SECRET = "secret of the tests"
ORIGIN = {"Origin": "http://127.0.0.1:8050"}
PARTITION = keys.partition_of("bed-1", 4)


def alert(number: int) -> Alert:
    return Alert(
        id=f"bed-1/x/asystole/{number}", device="bed-1", boot="x", kind="asystole",
        priority="high", n=number, value=None, limit=None, present=True, onset_at=None,
        raised_at=1.0, cleared_at=None, announced_at=1.0, decided_n=number, latching=True,
    )  # fmt: skip


ONE, TWO = alert(1), alert(2)
SEEN = {ONE.id: "high"}
PATHS = [
    *("acknowledge", "pause", "resume", "pause-all", "resume-all"),
    *("standby", "standby-end", "reason"),
]
MANY = orjson.dumps({"seen": {str(n): "high" for n in range(501)}})


@pytest.fixture
def url(redis_url: str) -> str:
    """An emptied Redis with two alerts that nobody has acknowledged."""
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    for one in (ONE, TWO):
        client.hset(keys.alerts(PARTITION), one.id, one.to_json())
    client.close()
    return redis_url


ClientOf = Callable[..., Any]


@pytest.fixture
def client_of(cookie_of: Callable[..., str], client_for: Callable[[Settings], Any]) -> ClientOf:
    """Return a function that makes a client of a dashboard, signed in as ``user``."""

    def make(url: str, user: str | None, role: str = "clinician") -> Any:
        settings = Settings(secret=SECRET, redis_url=url)
        client = client_for(settings)
        if user is not None:
            client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, user, role))
        return client

    return make


@pytest.fixture
def nurse(url: str, client_of: ClientOf) -> Any:
    return client_of(url, "A. Nurse")


def board(url: str) -> Board:
    return board_of(url, "bed-1")


def board_of(url: str, device: str) -> Board:
    async def read() -> Board:
        client = store.connect(url)
        try:
            return await actions.read_board(client, keys.partition_of(device, 4))
        finally:
            await client.aclose()

    return asyncio.run(read())


def presences(url: str) -> list[Presence]:
    return [board(url).records[one.id].presence for one in (ONE, TWO)]


def test_acknowledges_what_was_seen_under_the_users_name(nurse: Any, url: str) -> None:
    answer = nurse.post("/alerts/acknowledge", json={"seen": SEEN, "by": "else"}, headers=ORIGIN)
    assert answer.status_code == 200
    assert answer.json == {"done": [ONE.id], "already": [], "unknown": []}
    assert presences(url) == [Presence.ACK, Presence.ON]
    ack = board(url).records[ONE.id].ack
    assert ack is not None
    assert (ack.by, ack.rank) == ("A. Nurse", 4)
    again = nurse.post("/alerts/acknowledge", json={"seen": SEEN}, headers=ORIGIN)
    assert again.json["already"] == [ONE.id]


def test_an_alarm_that_has_just_ended_is_acknowledged_or_named_as_gone(
    nurse: Any, url: str
) -> None:
    """One that still waits for somebody is acknowledged; one that is gone is named."""
    client = redis.Redis.from_url(url)
    ended = dataclasses.replace(ONE, present=False, cleared_at=ONE.raised_at + 5)
    client.hset(keys.alerts(PARTITION), ONE.id, ended.to_json())
    client.hdel(keys.alerts(PARTITION), TWO.id)
    client.close()
    seen = {ONE.id: "high", TWO.id: "high"}
    answer = nurse.post("/alerts/acknowledge", json={"seen": seen}, headers=ORIGIN)
    assert answer.status_code == 200
    assert answer.json == {"done": [ONE.id], "already": [], "unknown": [TWO.id]}
    ack = board(url).records[ONE.id].ack
    assert ack is not None
    assert ack.by == "A. Nurse"


def test_a_reason_follows_the_acknowledgement(nurse: Any, url: str) -> None:
    fields = {"ids": [ONE.id, TWO.id], "reason": "artefact", "text": " loose ", "by": "else"}
    answer = nurse.post("/alerts/reason", json=fields, headers=ORIGIN)
    assert answer.json == {"done": [], "already": [], "open": [ONE.id, TWO.id], "unknown": []}
    nurse.post("/alerts/acknowledge", json={"seen": SEEN}, headers=ORIGIN)
    answer = nurse.post("/alerts/reason", json=fields, headers=ORIGIN)
    assert answer.json == {"done": [ONE.id], "already": [], "open": [TWO.id], "unknown": []}
    given = board(url).records[ONE.id].reason
    assert given is not None
    assert (given.by, given.reason, given.text) == ("A. Nurse", "artefact", "loose")
    again = nurse.post("/alerts/reason", json=fields, headers=ORIGIN)
    assert again.json["already"] == [ONE.id]
    (row,) = [one for one in nurse.get("/alarms/list").json["alarms"] if one["id"] == ONE.id]
    assert (row["reason"], row["reason_text"], row["reason_by"]) == (
        *("artefact", "loose", "A. Nurse"),
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ids": [], "reason": "real"}, "ids"),
        ({"ids": "bed-1/x", "reason": "real"}, "ids"),
        ({"ids": [7], "reason": "real"}, "ids"),
        ({"ids": [ONE.id]}, "give a reason"),
        ({"ids": [ONE.id], "reason": "bored"}, "artefact"),
        ({"ids": [ONE.id], "reason": "real", "text": 201 * "x"}, "200"),
        ({"ids": [ONE.id], "reason": "real", "text": ["x"]}, "text"),
        ({"ids": ["nonsense"], "reason": "real"}, "nonsense"),
    ],
)
def test_what_is_no_reason_is_refused_by_name(nurse: Any, fields: Any, words: str) -> None:
    answer = nurse.post("/alerts/reason", json=fields, headers=ORIGIN)
    assert answer.status_code == 400
    assert words in answer.json["error"]


def test_pauses_and_resumes(nurse: Any, url: str) -> None:
    fields = {"device": "bed-1", "seen": SEEN, "seconds": 120}
    answer = nurse.post("/alerts/pause", json=fields, headers=ORIGIN)
    assert answer.status_code == 200
    pause = board(url).pauses["bed-1"]
    assert (pause.by, pause.until, pause.covers) == ("A. Nurse", answer.json["until"], {ONE.id: 4})
    assert pause.until - pause.at == pytest.approx(120)
    assert nurse.post("/alerts/resume", json={"device": "bed-1"}, headers=ORIGIN).json == {}
    pause = board(url).pauses["bed-1"]
    assert pause.until == pause.at


def test_standby_and_its_end(nurse: Any, url: str) -> None:
    fields = {"device": "bed-1", "seen": SEEN, "seconds": 900, "reason": "imaging"}
    answer = nurse.post("/alerts/standby", json=fields, headers=ORIGIN)
    assert answer.status_code == 200
    standby = board(url).standbys["bed-1"]
    assert (standby.by, standby.reason, standby.until) == (
        *("A. Nurse", "imaging", answer.json["until"]),
    )
    assert standby.until - standby.at == pytest.approx(900)
    assert standby.covers == {ONE.id: 4}, "what was not shown is news"
    end = {"device": "bed-1"}
    assert nurse.post("/alerts/standby-end", json=end, headers=ORIGIN).json == {"ended": True}
    assert board(url).standbys["bed-1"].ended_by == "A. Nurse"
    assert nurse.post("/alerts/standby-end", json=end, headers=ORIGIN).json == {"ended": False}


def test_pauses_and_resumes_all_beds_each_on_record(nurse: Any, url: str) -> None:
    fields: dict[str, Any] = {"beds": {"bed-1": SEEN, "bed-2": {}}, "seconds": 60}
    answer = nurse.post("/alerts/pause-all", json=fields, headers=ORIGIN)
    assert answer.status_code == 200
    first = board_of(url, "bed-1").pauses["bed-1"]
    second = board_of(url, "bed-2").pauses["bed-2"]
    assert (first.by, second.by) == ("A. Nurse", "A. Nurse")
    assert first.covers == {ONE.id: 4}
    assert answer.json["until"] == min(first.until, second.until)
    fields = {"beds": ["bed-1", "bed-2"]}
    assert nurse.post("/alerts/resume-all", json=fields, headers=ORIGIN).json == {}
    for device in ("bed-1", "bed-2"):
        pause = board_of(url, device).pauses[device]
        assert pause.until == pause.at


@pytest.mark.parametrize(
    ("path", "fields", "wrong"),
    [
        ("pause-all", {}, "beds"),
        ("pause-all", {"beds": {}}, "beds"),
        ("pause-all", {"beds": {"bed-1": []}}, "seen"),
        ("pause-all", {"beds": {"a b": {}}}, "device"),
        ("pause-all", {"beds": {"bed-1": {}}, "seconds": 121}, "seconds"),
        ("resume-all", {"beds": {"bed-1": {}}}, "beds"),
        ("resume-all", {"beds": [5]}, "device"),
        ("standby", {"device": "bed-1", "seen": {}, "reason": "care"}, "seconds"),
        ("standby", {"device": "bed-1", "seen": {}, "seconds": 900}, "reason"),
        ("standby", {"device": "bed-1", "seconds": 900, "reason": "care"}, "seen"),
        ("standby", {"device": "bed-1", "seen": {}, "seconds": 7200, "reason": "care"}, "3600"),
        ("standby-end", {}, "device"),
    ],
)
def test_wrong_requests(nurse: Any, path: str, fields: Any, wrong: str) -> None:
    answer = nurse.post(f"/alerts/{path}", json=fields, headers=ORIGIN)
    assert answer.status_code == 400
    assert wrong in answer.json["error"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("user", "headers", "status"),
    [
        (None, ORIGIN, 401),
        ("A. Nurse", {"Origin": "https://evil.example"}, 403),
        ("A. Nurse", {"Origin": "null"}, 403),
        ("A. Nurse", {}, 403),
    ],
)
def test_strangers_change_nothing(
    url: str,
    client_of: ClientOf,
    path: str,
    user: str | None,
    headers: dict[str, str],
    status: int,
) -> None:
    fields = {"device": "bed-1", "seen": SEEN, "seconds": 120}
    answer = client_of(url, user).post(f"/alerts/{path}", json=fields, headers=headers)
    assert answer.status_code == status
    assert presences(url) == [Presence.ON, Presence.ON]
    assert board(url).pauses == {}
    assert asyncio.run(_trail_length(url)) == 0


async def _trail_length(url: str) -> int:
    client = store.connect(url)
    try:
        return int(await client.xlen(keys.alertlog(PARTITION)))
    finally:
        await client.aclose()


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("acknowledge", b"{", "not JSON"),
        ("acknowledge", b"[]", "JSON map"),
        ("acknowledge", b"{}", "seen"),
        ("acknowledge", b'{"seen":{"bed-1/x/a/1":5}}', "seen"),
        ("acknowledge", b'{"seen":{"bed-1/x/a/1":"urgent"}}', "priority"),
        ("acknowledge", b'{"seen":{"rubbish":"high"}}', "no alert"),
        ("acknowledge", MANY, "at most 500"),
        ("acknowledge", b" " * 70_000, "at most 65536 bytes"),
        ("pause", b'{"seen":{}}', "device"),
        ("pause", b'{"seen":{},"device":"a b"}', "device"),
        ("pause", b'{"seen":{},"device":"bed-1","seconds":121}', "seconds"),
        ("pause", b'{"seen":{},"device":"bed-1","seconds":true}', "seconds"),
        ("pause", b'{"seen":{"bed-2/x/a/1":"high"},"device":"bed-1"}', "bed-2"),
        ("resume", b"{}", "device"),
    ],
)  # fmt: skip
def test_malformed_requests_are_told(nurse: Any, path: str, body: bytes, error: str) -> None:
    answer = nurse.post(
        f"/alerts/{path}", data=body, headers=ORIGIN, content_type="application/json"
    )
    assert answer.status_code == 400
    assert error in answer.json["error"]


def test_a_form_of_another_page_is_no_request(nurse: Any, url: str) -> None:
    answer = nurse.post("/alerts/acknowledge", data=orjson.dumps({"seen": SEEN}), headers=ORIGIN)
    assert answer.status_code == 400
    assert "application/json" in answer.json["error"]
    assert presences(url) == [Presence.ON, Presence.ON]


def test_looking_is_not_acting(nurse: Any) -> None:
    assert nurse.get("/alerts/acknowledge", headers=ORIGIN).status_code != 400


@pytest.mark.parametrize("path", PATHS)
def test_a_viewer_only_looks(url: str, client_of: ClientOf, path: str) -> None:
    viewer = client_of(url, "A. Visitor", "viewer")
    fields = {"device": "bed-1", "seen": SEEN, "seconds": 120}
    answer = viewer.post(f"/alerts/{path}", json=fields, headers=ORIGIN)
    assert answer.status_code == 403
    assert "only a clinician" in answer.json["error"]
    viewer.set_cookie("ecg_language", "fr")
    answer = viewer.post(f"/alerts/{path}", json=fields, headers=ORIGIN)
    assert answer.json["error"] == "seul un soignant peut le faire"
    assert presences(url) == [Presence.ON, Presence.ON]
    assert asyncio.run(_trail_length(url)) == 0


def test_redis_away(tmp_path: Path, client_of: ClientOf) -> None:
    service = start_redis(Settings(state=str(tmp_path)))
    nurse = client_of(service.url, "A. Nurse")
    assert nurse.get("/session").status_code == 200
    service.stop()
    nurse.set_cookie("ecg_language", "fr")
    answer = nurse.post("/alerts/acknowledge", json={"seen": SEEN}, headers=ORIGIN)
    assert answer.status_code == 503
    assert answer.json["error"] == "la base de données ne répond pas"
