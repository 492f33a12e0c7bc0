"""What reviewers do on a page is checked, kept, told and audited."""

import asyncio

import orjson
import pytest
import redis

from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import connect
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts.people import People
from tests.support.archive import DEVICE, FS, RR_N, T0, reviewed_record


@pytest.fixture
def settings(redis_url, tmp_path):
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    reviewed_record(tmp_path)
    return Settings(redis_url=redis_url, secret="x" * 32, partitions=1, archive=str(tmp_path))


@pytest.fixture
def browser(settings, client_for, cookie_of):
    """Makes what asks and posts as somebody; each returns the status and the fields."""

    def sign_in(user: str, role: str):
        client = client_for(settings)
        client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, user, role))
        origin = {"Origin": f"http://127.0.0.1:{settings.port}"}

        def post(do: str, **fields):
            content = {"device": DEVICE, "do": do} | fields
            answer = client.post("/recorded/review", json=content, headers=origin)
            return answer.status_code, orjson.loads(answer.data)

        def ask(what: str, **query):
            answer = client.get(f"/recorded/{DEVICE}/{what}", query_string=query)
            return answer.status_code, orjson.loads(answer.data)

        return post, ask

    return sign_in


def at(number: int) -> float:
    return T0 + (number + 1) * RR_N / FS


async def trail(settings) -> list[tuple[str, str, str]]:
    client = connect(settings.redis_url)
    entries = await People(client, "x").trail(20)
    await client.aclose()
    return [(one.what, one.by, one.detail) for one in entries if one.what == "reviewed"]


def test_an_act_shows_on_the_strip_in_the_hour_and_in_the_trail(settings, browser):
    post, ask = browser("A. Doctor", "clinician")
    _, before = ask("strip", **{"from": T0})
    assert post("label", times=[at(3)], value="S")[0] == 200
    assert post("delete", times=[at(4)])[0] == 200
    assert post("insert", time=at(5) + 0.02, value="V")[0] == 200
    assert post("mark", **{"from": T0, "to": T0 + 5, "value": "(AFIB", "text": ""})[0] == 200
    _, strip = ask("strip", **{"from": T0})
    told = {beat["n"] // RR_N - 1: beat for beat in strip["beats"]}
    assert (told[3]["symbol"], told[3]["original"], told[3]["by"]) == ("S", "V", "A. Doctor")
    assert (told[4]["symbol"], told[4]["label"], told[4]["original"]) == ("", None, "N")
    assert (told[5]["symbol"], told[5]["original"]) == ("V", "")
    assert [(one["rhythm"], one["from_n"]) for one in strip["drawn"]] == [("(AFIB", 0)]
    _, hour = ask("hour", **{"from": T0})
    assert hour["corrected"] == 3
    assert [label for _, label in hour["beats"]][3:6] == ["S", "V", "N"]
    _, said = ask("said", **{"from": T0})
    assert (
        [one["what"] for one in said["acts"]]
        == [one["what"] for one in said["acts"]]
        == ["rhythm", "insert", "delete", "label"]
    )
    entries = asyncio.run(trail(settings))
    assert len(entries) == 4
    assert ("reviewed", "A. Doctor", f"{DEVICE}: label S of V (act 1)") in entries
    for _ in range(4):
        assert post("undo")[0] == 200
    assert ask("strip", **{"from": T0})[1] == before
    assert [one["holds"] for one in ask("said", **{"from": T0})[1]["acts"]][4:] == [False] * 4


def test_a_verdict_is_told_with_the_alarm(browser):
    post, ask = browser("A. Doctor", "clinician")
    (alarm,) = ask("overview")[1]["alarms"]
    assert alarm["said"] == []
    assert post("verdict", alarm=alarm["id"], value="false", text="<i>artefact</i>")[0] == 200
    ((said),) = ask("overview")[1]["alarms"][0]["said"]
    assert (said["value"], said["text"], said["by"]) == ("false", "<i>artefact</i>", "A. Doctor")


def test_who_may_not_and_what_cannot_be_is_refused(settings, browser):
    post, _ = browser("v", "viewer")
    assert post("label", times=[at(3)], value="S")[0] == 403
    post, ask = browser("A. Doctor", "clinician")
    wrong = [
        post("label", times=[at(3) + 0.4], value="S"),
        post("label", times=at(3), value="S"),
        post("label", times=["x"], value="S"),
        post("paint"),
        post("undo", device="../x"),
        post("undo", within=17),
        post("undo"),
        post("mark", **{"from": T0 + 9, "to": T0, "value": "(N", "text": ""}),
        post("mark", **{"from": T0, "to": T0 + 9, "value": "", "text": "x" * 3000}),
        post("mark", **{"from": T0, "to": T0 + 9, "value": "", "text": "x" * 1_000_000}),
    ]
    assert [status for status, _ in wrong] == [400] * len(wrong)
    assert wrong[0][1]["error"] == "there is no beat at that time, or no longer"
    assert "characters" in wrong[-2][1]["error"]
    assert ask("said", **{"from": T0})[1]["acts"] == []
    assert asyncio.run(trail(settings)) == []


def test_a_day_and_the_forms_of_an_hour_and_all_of_a_form_called_otherwise(settings, browser):
    post, ask = browser("A. Doctor", "clinician")
    hour = T0 - T0 % 3600
    _, day = ask("day", **{"from": hour})
    assert sum(map(sum, day["counts"])) == 147
    assert (len(day["lowest"]), day["lowest"][-1]) == (1440, None)
    _, found = ask("forms", **{"from": hour, "lead": "V1"})
    by_label = {form["label"]: form for form in found["forms"]}
    assert (found["lead"], set(by_label)) == ("V1", {"N", "V"})
    form = by_label["V"]
    status, _ = post("label", **{"from": hour, "after_ms": form["after_ms"], "value": "F"})
    assert status == 200
    _, after = ask("forms", **{"from": hour, "lead": "V1"})
    assert {form["label"] for form in after["forms"]} == {"N", "F"}
    (act,) = ask("said", **{"from": hour})[1]["acts"]
    assert (act["count"], act["before"]) == (15, "V 15")
    assert ask("forms", **{"from": hour - 7200})[0] == 404
