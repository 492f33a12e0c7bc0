"""What the twelve-lead page is told: ten seconds, of the patient who is there now."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import orjson
import pytest
import redis

from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Packet
from ecg_monitor.ward import access
from ecg_monitor.ward.patients.trail import ChangeKind, Entry
from ecg_monitor.ward.signal.diagnosis import Diagnosis, pack
from tests.support.twelve_leads import INDEPENDENT_AT, millivolts

FS = 250.0
SECONDS = 34
DEVICE = "bed-1"
EIGHT = ("i", "MLII", "C1", "V2", "V3", "V4", "V5", "V6")
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, secret="x" * 32, partitions=1)


@pytest.fixture
def store(redis_url: str) -> Any:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def ask(settings: Settings, client_for: Any, cookie_of: Any) -> Ask:
    """Ask as a viewer; returns the status and the fields."""
    client = client_for(settings)
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "v", "viewer"))

    def ask(what: str, **query: Any) -> tuple[int, dict[str, Any]]:
        path = "/leads/words" if what == "words" else f"/leads/{DEVICE}/{what}"
        answer = client.get(path, query_string=query)
        return answer.status_code, orjson.loads(answer.data)

    return ask


def send(store: redis.Redis, *, off: tuple[str, ...] = (), seconds: int = SECONDS) -> float:
    """Let the last seconds of a heart be kept; return when they began."""
    signal = np.rint(200 * millivolts(seconds, FS)[list(INDEPENDENT_AT)]).astype(np.int16)
    begin, step = time.time() - seconds, round(FS)
    for i in range(seconds):
        packet = Packet(
            DEVICE, "boot", i, i * step, 0.0, FS, EIGHT, (200.0,) * 8, (0.0,) * 8,
            signal[:, i * step : (i + 1) * step], leadoff=off,
        )  # fmt: skip
        at = begin + i + 1
        fields = {"d": DEVICE, "t": f"{at:.3f}", "p": wire.encode_cbor(packet)}
        store.xadd(keys.wave(0), fields, id=f"{int(at * 1000)}-{i}")
    return begin


def test_the_newest_whole_ten_seconds_in_twelve_leads(store: redis.Redis, ask: Ask) -> None:
    begin = send(store)
    status, found = ask("window")
    assert status == 200, found
    assert (found["from_n"], found["to_n"]) == (20 * FS, 30 * FS)
    assert found["start"] == pytest.approx(begin, abs=3)
    assert 0 < found["next_s"] < 8
    states = {lead["name"]: lead["state"] for lead in found["leads"]}
    assert [name for name, state in states.items() if state == "derived"] == [
        "III", "aVR", "aVL", "aVF",
    ]  # fmt: skip
    assert len(states) == 12
    leads = {lead["name"]: lead for lead in found["leads"]}
    values = {name: np.array(lead["segments"][0]["adc"]) for name, lead in leads.items()}
    assert all(len(one) == 10 * FS for one in values.values())
    truth = 1000 * millivolts(SECONDS, FS)[:, round(20 * FS) : round(30 * FS)]
    for i, name in enumerate(leads):
        assert np.abs(values[name] - truth[i]).max() <= 6, name  # steps of 5 µV on the wire


def test_earlier_windows_are_asked_for_by_their_place(store: redis.Redis, ask: Ask) -> None:
    send(store)
    _, newest = ask("window")
    at = newest["start"] + 10
    status, found = ask("window", boot="boot", n=int(10 * FS), at=at)
    assert (status, found["from_n"], found["next_s"]) == (200, 10 * FS, None)
    assert found["start"] == pytest.approx(newest["start"], abs=0.01)
    assert ask("window", boot="other", n=0, at=at)[0] == 404
    assert ask("window", boot="boot", n=0, at=at - 9999)[0] == 404
    assert ask("window", boot="boot", n="x", at=at)[0] == 400


def test_a_lead_that_is_off_leaves_its_place(store: redis.Redis, ask: Ask) -> None:
    send(store, off=("MLII", "V3"))
    _, found = ask("window")
    leads = {lead["name"]: lead for lead in found["leads"]}
    assert found["off"] == ["II", "V3"]
    assert [leads[name]["state"] for name in ("I", "II", "III", "V3")] == [
        "given", "off", "missing", "off",
    ]  # fmt: skip
    assert leads["II"]["segments"] == leads["III"]["segments"] == []


def test_nothing_is_shown_of_the_patient_before(store: redis.Redis, ask: Ask) -> None:
    send(store)
    _, newest = ask("window")
    entry = Entry(
        ChangeKind.ADMITTED, "a", newest["start"] + 25, DEVICE, 1, stay="s", patient="4711"
    )
    store.xadd(keys.patientlog(0), {"d": DEVICE, "e": orjson.dumps(entry.to_map())})
    assert ask("window")[0] == 404
    assert ask("window", boot="boot", n=int(10 * FS), at=newest["start"] + 10)[0] == 404


def test_before_ten_seconds_are_there_it_says_so(store: redis.Redis, ask: Ask) -> None:
    send(store, seconds=7)
    status, found = ask("window")
    assert (status, found["error"]) == (400, "ten seconds of signal are not there yet")


def answer_one(store: redis.Redis) -> Future[dict[str, Any]]:
    """Answer the next question as an explainer would; returns the question."""
    store.set(keys.EXPLAIN_ALIVE, "1", ex=60)

    def act() -> dict[str, Any]:
        _, text = store.blpop([keys.EXPLAIN_QUEUE], timeout=60)
        question = orjson.loads(text)
        row = {"label": "AF", "probability": 0.2, "threshold": 0.3, "decided": False}
        key = keys.explain_answer(question["id"])
        store.rpush(key, orjson.dumps({"network": "n", "labels": [row]}))
        return dict(question)

    pool = ThreadPoolExecutor(1)
    found = pool.submit(act)
    pool.shutdown(wait=False)
    return found


def test_findings_are_asked_for_once_and_joined_with_what_the_detector_says(
    store: redis.Redis, ask: Ask
) -> None:
    begin = send(store)
    n = round(20 * FS)
    where = {"boot": "boot", "n": n, "at": begin + 20}
    asked = answer_one(store)
    status, found = ask("findings", **where)
    assert (status, found["live"]) == (200, None)
    question = asked.result(60)
    assert (question["about"], question["n"], question["boot"]) == ("twelve", n, "boot")
    told = Diagnosis(
        DEVICE, "boot", "", 2, n, n + round(10 * FS), FS, time.time(), "n 1", {},
        probabilities={"AF": 0.8}, thresholds={"AF": 0.4}, decisions=("AF",), findings={"AF": 0},
    )  # fmt: skip
    store.hset(keys.diagnoses(0), DEVICE, pack(told))
    _, found = ask("findings", **where)  # nobody answers any more: it is remembered
    assert found["labels"] == [
        {"label": "AF", "probability": 0.8, "threshold": 0.4, "decided": True}
    ]
    assert found["live"]["same"] is True
    assert found["live"]["present"] == {"AF": pytest.approx(told.at - 30)}
    earlier = {"boot": "boot", "n": round(10 * FS), "at": begin + 10}
    answer_one(store)
    _, found = ask("findings", **earlier)
    assert found["live"]["same"] is False
    assert found["labels"][0]["probability"] == 0.2


def test_windows_are_those_of_the_detector(store: redis.Redis, ask: Ask) -> None:
    send(store)
    told = Diagnosis(
        DEVICE, "boot", "", 0, 1000, 3500, FS, time.time() - 20, "n 1", {}, reason="few_leads"
    )
    store.hset(keys.diagnoses(0), DEVICE, pack(told))
    _, found = ask("window")
    assert (found["from_n"], found["to_n"]) == (6000, 8500)


def test_without_an_explainer_it_says_so(store: redis.Redis, ask: Ask) -> None:
    begin = send(store)
    status, found = ask("findings", boot="boot", n=0, at=begin)
    assert status == 400
    assert "not running" in found["error"]


def test_words_come_in_each_language(ask: Ask) -> None:
    status, found = ask("words", language="fr")
    assert (status, found["AF"]["name"]) == (200, "fibrillation auriculaire")
    assert ask("words", language="xx")[0] == 400
