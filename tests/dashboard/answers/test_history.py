"""The past of a bed over HTTP, with a real Redis behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import orjson
import pytest
import redis

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Alarm, Beat, Packet, Vitals, alert_id
from ecg_monitor.ward import access
from ecg_monitor.ward.alerts.evidence import pack as pack_evidence
from ecg_monitor.ward.patients.trail import ChangeKind, Entry
from ecg_monitor.ward.signal import explaining
from ecg_monitor.ward.trends import kept
from ecg_monitor.ward.trends.fold import Fold

FS = 250.0
LENGTH_S = 400
AF_S = (100, 200)
PARTITION = keys.partition_of("bed-1", 4)
ALERT = alert_id("bed-1", "boot", "bradycardia", 100)


def label(i: int) -> str:
    return "V" if i % 50 == 49 else "N"


def events() -> list[Any]:
    """A beat a second at the half second; every fiftieth is ventricular; a quarter is AF."""
    told: list[Any] = []
    for second in range(LENGTH_S):
        rr = None if second == 0 else 1.0 + 0.02 * np.sin(second)
        if second in AF_S:
            n = round(second * FS)
            told.append(Alarm("af", "low", n, n, present=second == AF_S[0]))
        n = round((second + 0.5) * FS)
        told.append(Vitals(round((second + 1) * FS), 60.0, "good"))
        told.append(Beat(n, label(second), {}, 0.9 if label(second) == "V" else 0.1, rr, n + 350))
    return told


def packets() -> list[Packet]:
    signal = np.zeros((2, round(LENGTH_S * FS)), np.int16)
    for second in range(LENGTH_S):
        n = round((second + 0.5) * FS)
        signal[:, n - 5 : n + 5] = -200 if label(second) == "V" else 200
    step = round(FS)
    return [
        Packet("bed-1", "boot", i, i * step, 0.0, FS, ("II", "V1"), (200.0, 100.0), (0.0, 0.0),
               signal[:, i * step : (i + 1) * step])
        for i in range(LENGTH_S)
    ]  # fmt: skip


@pytest.fixture
def start(redis_url: str) -> float:
    """Unix time of sample 0 of a bed whose past is in Redis."""
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    begin = time.time() - LENGTH_S - 1
    for packet in packets():
        at = begin + packet.n1 / FS
        fields = {"d": "bed-1", "t": repr(at), "p": wire.encode_cbor(packet)}
        client.xadd(keys.wave(PARTITION), fields, id=f"{int(at * 1000)}-*")
    fold = Fold("boot", FS)
    for minute in fold.take(events()):
        at = begin + minute.numbers.first_n / FS
        numbers, beats = kept.parts(minute)
        client.zadd(keys.trend(PARTITION, "bed-1"), {numbers: at})
        client.zadd(keys.beats(PARTITION, "bed-1"), {beats: at})
    client.hset(keys.trend_now(PARTITION), "bed-1", kept.pack_running(begin, fold.running()))
    facts = {
        "id": ALERT, "device": "bed-1", "boot": "boot", "kind": "bradycardia", "priority": "medium",
        "n": 100, "value": 38.0, "limit": 40.0, "present": False, "onset_at": begin,
        "raised_at": begin + 1, "cleared_at": begin + 9,
    }  # fmt: skip
    client.hset(keys.alerts(PARTITION), ALERT, orjson.dumps(facts))
    strip = {"alert": ALERT, "fs": FS, "leads": [], "beats": [], "gaps": [], "leadoff": [],
             "onset_at": begin, "from_n": 0, "to_n": 0, "rule": "slow"}  # fmt: skip
    client.set(keys.strip(PARTITION, ALERT), pack_evidence(strip))
    client.close()
    return begin


@pytest.fixture
def client_of(
    redis_url: str, cookie_of: Callable[..., str], client_for: Callable[[Settings], Any]
) -> Callable[..., Any]:
    def make(role: str | None = "viewer", url: str = redis_url) -> Any:
        client = client_for(Settings(secret="of the tests", redis_url=url))
        if role is not None:
            settings = Settings(secret="of the tests", redis_url=redis_url)
            client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "A. Nurse", role))
        return client

    return make


@pytest.fixture
def get(start: float, client_of: Callable[..., Any]) -> Callable[..., Any]:
    client = client_of()

    def read(what: str, device: str = "bed-1", status: int = 200, **query: Any) -> Any:
        answer = client.get(f"/history/{device}/{what}", query_string=query)
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.get_json()

    return read


def test_trend_by_the_minute_with_the_one_that_runs(get: Any, start: float) -> None:
    trend = get("trend", since=start - 10)
    assert len(trend["at"]) == 7
    assert trend["at"][0] == pytest.approx(start + 30, abs=0.2)
    assert set(trend["hr"]) == {60}
    assert trend["pvc_h"][-1] == pytest.approx(8 * 3600 / LENGTH_S, rel=0.01)
    assert [one["kind"] for one in trend["alarms"]] == ["bradycardia"]
    assert len(get("trend", since=start + 130)["at"]) == 4


def test_rhythm_of_normal_beats(get: Any, start: float) -> None:
    silent_s = time.time() - (start + LENGTH_S)  # the bed sends nothing any more
    rhythm = get("rhythm", minutes=5)
    assert rhythm["variability"]["mean_nn_ms"] == pytest.approx(1000, abs=2)
    assert rhythm["intervals"] == pytest.approx(300 - silent_s, abs=3)
    assert rhythm["excluded"] == 12, "two per ventricular beat"
    assert len(rhythm["at"]) == len(rhythm["rr_ms"]) == len(rhythm["clean"])
    more = get("rhythm", minutes=60)
    assert len(more["at"]) == LENGTH_S - 1
    assert abs(more["intervals"] - rhythm["intervals"]) <= 5, "variability is of five minutes"


def test_how_much_of_the_time_was_fibrillation(get: Any) -> None:
    found = get("burden")
    assert found["hour"] == found["day"]
    assert found["day"] == {"percent": 25.0, "monitored_s": LENGTH_S}


def test_beats_with_their_place_and_time(get: Any, start: float) -> None:
    found = get("beats", minutes=10)
    assert found["counts"] == {"N": 392, "S": 0, "V": 8, "F": 0, "Q": 0}
    beat = found["beats"][49]
    assert (beat["label"], beat["boot"], beat["n"]) == ("V", "boot", round(49.5 * FS))
    assert beat["at"] == pytest.approx(start + 49.5, abs=0.01)
    assert beat["anomaly"] == pytest.approx(0.9)


def test_averaged_beats_of_the_lead_asked_for(get: Any) -> None:
    shapes = get("shapes", minutes=10, lead=1)
    assert shapes["leads"] == ["II", "V1"]
    normal, ventricular = shapes["shapes"]
    assert (normal["label"], ventricular["label"]) == ("N", "V")
    assert normal["count"] == pytest.approx(392, abs=2)
    assert max(normal["mean"]) == pytest.approx(2.0)
    assert min(ventricular["mean"]) == pytest.approx(-2.0)
    assert get("shapes", status=400, lead=2)["error"] == "lead must be below 2"


def test_the_strip_around_a_beat(get: Any, start: float) -> None:
    n = round(49.5 * FS)
    strip = get("strip", boot="boot", n=n, at=start + 49.5)
    assert (strip["from_n"], strip["to_n"]) == (n - 1250, n + 1250)
    assert [lead["name"] for lead in strip["leads"]] == ["II", "V1"]
    (segment,) = strip["leads"][0]["segments"]
    assert segment["adc"][1250] == -200
    assert strip["gaps"] == []
    assert [beat["label"] for beat in strip["beats"]].count("V") == 1
    assert strip["start"] == pytest.approx(start, abs=0.01)
    assert "error" in get("strip", status=404, boot="other", n=n, at=start + 49.5)
    assert "error" in get("strip", status=404, boot="boot", n=n, at=start - 5000)


def test_alarms_and_what_they_are_known_by(get: Any) -> None:
    (alarm,) = get("alarms")["alarms"]
    assert (alarm["kind"], alarm["value"], alarm["acked_by"]) == ("bradycardia", 38.0, None)
    assert get("evidence", id=ALERT)["alert"] == ALERT
    assert get("fhir", id=ALERT)["resourceType"] == "Bundle"
    assert get("alarms", device="bed-2")["alarms"] == []
    get("evidence", device="bed-2", status=400, id=ALERT)
    get("evidence", status=404, id=alert_id("bed-1", "boot", "bradycardia", 5))


def test_a_new_patient_is_not_shown_the_past_of_the_former(
    get: Any, start: float, redis_url: str
) -> None:
    story = (
        (ChangeKind.ADMITTED, 60, "P1"),
        (ChangeKind.DISCHARGED, 200, "P1"),
        (ChangeKind.ADMITTED, 240, "P2"),
    )
    with redis.Redis.from_url(redis_url) as client:
        for version, (what, second, patient) in enumerate(story):
            at = start + second
            entry = Entry(what, "A. Nurse", at, "bed-1", version + 1, f"stay {patient}", patient)
            fields = {"d": "bed-1", "e": orjson.dumps(entry.to_map())}
            client.xadd(keys.patientlog(PARTITION), fields, id=f"{int(at * 1000)}-0")

    now, between, former, before = get("spans")["spans"]
    assert [one["patient"] for one in (now, between, former, before)] == ["P2", "", "P1", ""]
    assert min(get("trend", since=0)["at"]) > start + 240
    assert min(beat["at"] for beat in get("beats")["beats"]) > start + 240
    assert min(get("rhythm")["at"]) > start + 240
    assert get("burden")["day"]["percent"] == 0.0  # the fibrillation was the former patient's
    assert get("alarms")["alarms"] == []

    his = get("trend", since=0, within=former["since"])["at"]
    assert start + 60 <= min(his) <= max(his) <= start + 260
    assert len(get("alarms", within=before["since"])["alarms"]) == 1
    assert get("alarms", within=between["since"])["alarms"] == []
    assert "spans tells" in get("trend", status=400, within=5)["error"]


def test_the_past_follows_a_patient_to_another_bed(get: Any, start: float, redis_url: str) -> None:
    there = keys.partition_of("bed-9", 4)
    story = (
        (ChangeKind.ADMITTED, 60, "bed-1", ""),
        (ChangeKind.LEAVING, 300, "bed-1", "bed-9"),
        (ChangeKind.ARRIVED, 300.1, "bed-9", "bed-1"),
        (ChangeKind.LEFT, 300.2, "bed-1", "bed-9"),
        (ChangeKind.ADMITTED, 350, "bed-1", ""),
    )
    later = alert_id("bed-1", "boot", "bradycardia", 200)
    with redis.Redis.from_url(redis_url) as client:
        for version, (what, second, device, other) in enumerate(story):
            at = start + second
            stay = "second" if second == 350 else "first"
            entry = Entry(
                what, "A. Nurse", at, device, version + 1, stay, f"P of {stay}", other=other
            )
            fields = {"d": device, "e": orjson.dumps(entry.to_map())}
            log = keys.patientlog(keys.partition_of(device, 4))
            client.xadd(log, fields, id=f"{int(at * 1000)}-0")
        facts = orjson.loads(client.hget(keys.alerts(PARTITION), ALERT))
        for identity, second in ((ALERT, 80), (later, 360)):
            raised = {"id": identity, "onset_at": start + second, "raised_at": start + second + 1,
                      "cleared_at": start + second + 9}  # fmt: skip
            client.hset(keys.alerts(PARTITION), identity, orjson.dumps({**facts, **raised}))

    assert there != PARTITION
    times = get("trend", device="bed-9", since=0)["at"]
    assert start + 60 <= min(times) <= max(times) <= start + 331  # to a tenth
    assert get("burden", device="bed-9")["day"]["percent"] > 25  # it was this patient's
    beats = get("beats", device="bed-9")["beats"]
    assert {beat["device"] for beat in beats} == {"bed-1"}
    assert start + 60 <= beats[0]["at"] <= beats[-1]["at"] <= start + 301
    assert get("rhythm", device="bed-9", minutes=60)["intervals"] > 200
    get("shapes", device="bed-9", status=404)  # nothing has come from here yet

    (alarm,) = get("alarms", device="bed-9")["alarms"]
    assert (alarm["id"], alarm["device"]) == (ALERT, "bed-1")
    assert get("evidence", device="bed-9", id=ALERT)["alert"] == ALERT
    assert get("fhir", device="bed-9", id=ALERT)["resourceType"] == "Bundle"
    get("evidence", device="bed-9", status=400, id=later)  # of who came to that bed afterwards
    asked = {"boot": "boot", "n": round(99.5 * FS), "of": "bed-1"}
    assert get("strip", device="bed-9", at=start + 99.5, **asked)["device"] == "bed-1"
    asked["n"] = round(380.5 * FS)
    assert (
        "the patient was"
        in get("strip", device="bed-9", status=400, at=start + 380.5, **asked)["error"]
    )

    assert [row["id"] for row in get("alarms")["alarms"]] == [later]
    assert min(get("trend", since=0)["at"]) >= start + 350


def test_without_an_explainer_that_is_said(get: Any, start: float) -> None:
    said = get("explain", status=400, boot="boot", n=100, at=start)["error"]
    assert "not running" in said


def test_slow_explanations_leave_threads_for_alarms(
    start: float, client_of: Callable[..., Any], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "ANSWER_S", 1.0)
    client = client_of()
    cookie = client.get_cookie(access.SESSION_COOKIE).value

    def ask(_: int) -> str:
        other = client.application.test_client()
        other.set_cookie(access.SESSION_COOKIE, cookie)
        query = {"boot": "boot", "n": 100, "at": start}
        return str(other.get("/history/bed-1/explain", query_string=query).get_json()["error"])

    with redis.Redis.from_url(redis_url) as client_of_redis:
        client_of_redis.set(keys.EXPLAIN_ALIVE, "1")  # it hangs: nobody answers
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(ask, range(4)))
    assert sum("busy" in text for text in said) == 2
    assert sum("has not answered" in text for text in said) == 2


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("trend", {"since": "yesterday"}),
        ("trend", {"since": "nan"}),
        ("rhythm", {"minutes": 1000}),
        ("strip", {"boot": "b", "n": 1}),
        ("strip", {"n": 1, "at": 1}),
        ("explain", {"boot": "b", "n": -1, "at": 1}),
        ("evidence", {}),
    ],
)
def test_a_wrong_question_is_told_so(get: Any, what: str, query: dict[str, Any]) -> None:
    assert get(what, status=400, **query)["error"]


def test_a_device_that_nobody_knows_has_no_past(get: Any) -> None:
    assert get("trend", device="nobody")["at"] == []
    assert get("rhythm", device="nobody")["variability"] is None
    get("shapes", device="nobody", status=404)
    get("trend", device="b%20d", status=400)


def test_strangers_see_nothing(start: float, client_of: Callable[..., Any]) -> None:
    stranger = client_of(None)
    for what in ("trend", "rhythm", "beats", "shapes", "strip", "explain", "alarms", "evidence"):
        assert stranger.get(f"/history/bed-1/{what}").status_code == 401


def test_damage_in_redis_is_told(get: Any, start: float, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.zadd(keys.trend(PARTITION, "bed-1"), {b"rubbish": start + 5})
    assert "trend" in get("trend", status=400)["error"]
