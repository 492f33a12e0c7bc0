"""What the review page is told is what was recorded, of the patient who is there."""

import asyncio
import subprocess
import sys

import numpy as np
import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import connect
from ecg_monitor.ward import access
from ecg_monitor.ward.patients.trail import ChangeKind, Entry
from tests.support.archive import DEVICE, T0, alarm, arrive, find_beats, packets, recording, signal


@pytest.fixture
def settings(redis_url, tmp_path):
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return Settings(redis_url=redis_url, secret="x" * 32, partitions=1, archive=str(tmp_path))


@pytest.fixture
def ask(settings, client_for, cookie_of):
    """Ask as a viewer; returns the status and the fields."""
    client = client_for(settings)
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "v", "viewer"))

    def ask(what: str, **query):
        answer = client.get(f"/recorded/{DEVICE}/{what}", query_string=query)
        return answer.status_code, orjson.loads(answer.data)

    return ask


async def fill(settings, root, made) -> None:
    client = connect(settings.redis_url)
    await arrive(client, packets(made))
    await find_beats(client, {500: "N", 800: "V"})
    await alarm(client, "vt", 1000, ended_n=2000)
    with recording(client, root) as recorder:
        await recorder.turn()
        await recorder.seal()
    await client.aclose()


async def admit(settings, at: float) -> None:
    client = connect(settings.redis_url)
    entry = Entry(ChangeKind.ADMITTED, "a", at, DEVICE, 1, stay="s", patient="4711")
    await client.xadd(keys.patientlog(0), {"d": DEVICE, "e": orjson.dumps(entry.to_map())})
    await client.aclose()


def test_what_was_recorded_is_told(settings, tmp_path, ask):
    made = signal(2500)
    asyncio.run(fill(settings, tmp_path, made))
    status, found = ask("overview")
    assert status == 200
    ((start, end),) = found["spans"]
    assert (start, end) == pytest.approx((T0 + 0.1, T0 + 10.1), abs=0.01)
    (one,) = found["alarms"]
    assert (one["kind"], one["priority"], one["until"]) == ("vt", "high", T0 + 8)
    status, hour = ask("hour", **{"from": T0, "lead": "L2"})
    assert (hour["lead"], hour["offset"], len(hour["low"])) == ("L2", 1, 66)
    assert min(hour["low"]) == pytest.approx(made[1].min() / 200, abs=0.01)
    assert [label for _, label in hour["beats"]] == ["N", "V"]
    status, strip = ask("strip", **{"from": T0 - 2})
    assert strip["gaps"] == [[0, pytest.approx(525, abs=2)]]
    (segment,) = strip["leads"][0]["segments"]
    assert np.array_equal(segment["adc"], made[0, : len(segment["adc"])])
    assert len(segment["adc"]) == strip["to_n"] - segment["n"]
    assert ask("strip", **{"from": T0 + 999})[0] == 404


def test_a_patient_who_comes_is_not_shown_the_one_before(settings, tmp_path, ask):
    asyncio.run(fill(settings, tmp_path, signal(2500)))
    asyncio.run(admit(settings, T0 + 5))
    _, found = ask("overview")
    assert found["spans"][0][0] == T0 + 5
    assert found["alarms"] == []
    assert [one["since"] for one in ask("spans")[1]["spans"]] == [T0 + 5, 0.0]
    assert ask("overview", within=0)[1]["spans"][0][1] == T0 + 5
    assert ask("hour", **{"from": T0})[1]["offset"] == round(5 * 400 / 60)
    assert ask("overview", within=17)[0] == 400


def test_without_an_archive_there_is_nothing(ask):
    assert ask("overview") == (200, {"spans": [], "alarms": []})
    assert ask("strip", **{"from": T0})[0] == 404
    assert ask("strip", **{"from": "x"})[0] == 400


LOADED_AHEAD = """
import re, sys
from pathlib import Path
from dashboard.answers.recorded import reading
text = Path(reading.__file__).read_text()
late = re.findall(r"(?m)^        from (ecg_monitor[\\w.]+) import", text)
assert len(late) > 5, late
assert "sqlalchemy" not in sys.modules, "commands that read no archive load none of it"
reading.load()
print([one for one in late if one not in sys.modules])
"""


def test_what_reads_the_archive_can_be_loaded_ahead():
    done = subprocess.run(
        [sys.executable, "-c", LOADED_AHEAD], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
