"""What people send in on the page Analyze comes in pieces, and is seen by nobody else."""

from __future__ import annotations

import asyncio
import io
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis

from dashboard.answers import posting
from dashboard.studies import intake
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import Store
from ecg_monitor.jobs import folders, queue
from ecg_monitor.jobs.beat_tables import is_table_of_beats
from ecg_monitor.jobs.folders import JobFolder, JobFolders, owner_of
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts import changes
from ecg_monitor.ward.accounts.trail import Entry
from gateway.jobs import task

Ask = Callable[..., Any]
SHORT_S = 0.3
TABLE = b"time,II\n" + b"".join(b"%.3f,%d\n" % (i / 250, i % 9) for i in range(500))
UNSURE = b"ch1,ch2\n" + b"".join(b"%d,%d\n" % (900 * (i % 9), 800 * (i % 7)) for i in range(2000))


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return Settings(redis_url=redis_url, secret="x" * 32, state=str(tmp_path), api_upload_mb=2)


@pytest.fixture
def person(settings: Settings, client_for: Any, cookie_of: Any) -> Callable[..., Ask]:
    """Return a function that signs somebody in, who asks: status and answer."""

    def make(name: str, role: str = "clinician") -> Ask:
        client = client_for(settings)
        client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, name, role))
        origin = {"Origin": access.public_url(settings)}

        def ask(what: str, *, data: bytes | None = None, **fields: Any) -> Any:
            if data is not None:
                got = client.post(
                    f"/studies/{what}", query_string=fields, data=data, headers=origin
                )
            elif what in ("begin", "start", "example", "remove"):
                got = client.post(f"/studies/{what}", json=fields, headers=origin)
            else:
                got = client.get(f"/studies/{what}".rstrip("/"), query_string=fields)
            content, is_json = got.data, got.mimetype == "application/json"
            got.close()
            return got.status_code, orjson.loads(content) if is_json else content

        return ask

    return make


def send(ask: Ask, content: bytes, name: str, piece: int = 700) -> str:
    status, answer = ask("begin", name=name, size=len(content))
    assert status == 200, answer
    for at in range(0, len(content), piece):
        status, told = ask("piece", data=content[at : at + piece], upload=answer["upload"], at=at)
        assert status == 200, told
    return str(answer["upload"])


def do(settings: Settings, owner: str, job: str, monkeypatch: pytest.MonkeyPatch) -> JobFolder:
    """Do what a worker does."""
    for name, value in to_environ(settings).items():
        monkeypatch.setenv(name, value)
    folder = JobFolders(settings).find(job, owner_of(owner))
    assert folder is not None
    task.run(str(folder.path))
    return folder


def test_a_file_comes_in_pieces_and_is_seen_by_its_sender_alone(
    person: Callable[..., Ask], settings: Settings
) -> None:
    amina, karim = person("amina"), person("karim")
    status, begun = amina("begin", name="../ward 7.csv", size=len(TABLE))
    upload = begun["upload"]
    half = len(TABLE) // 2
    assert amina("piece", data=TABLE[:half], upload=upload, at=0) == (200, {"there": half})
    assert amina("piece", data=TABLE[:half], upload=upload, at=0) == (200, {"there": half})
    assert amina("start", upload=upload)[0] == 400  # half of it is missing
    assert amina("piece", data=b"x", upload=upload, at=half + 1)[0] == 400
    assert karim("piece", data=b"x", upload=upload, at=0)[0] == 400
    assert karim("remove", job=upload)[0] == 400
    assert amina("piece", data=TABLE[half:] + b"x", upload=upload, at=half)[0] == 400
    assert amina("piece", data=TABLE[half:], upload=upload, at=half)[0] == 200
    status, asked = amina("start", upload=upload)
    assert (status, asked["ask"]["chosen"], asked["ask"]["has_time"]) == (200, ["II"], True)
    status, started = amina("start", upload=upload, leads=["II"], unit="uV", language="fr")
    assert (status, started) == (200, {"job": upload})
    (job,) = amina("")[1]["jobs"]
    assert (job["name"], job["state"], job["ahead"]) == ("ward 7.csv", "queued", 0)
    assert karim("")[1]["jobs"] == []
    for what in ("page", "strip", "file"):
        assert karim(what, job=upload, **{"from": 0, "name": "analysis.json"})[0] == 404
    assert karim("remove", job=upload)[0] == 400
    assert amina("remove", job=upload)[0] == 200
    assert amina("")[1]["jobs"] == []
    assert not list(JobFolders(settings).root.glob("*/*"))


def test_who_only_sees_sends_nothing_in(person: Callable[..., Ask]) -> None:
    viewer = person("v", "viewer")
    assert viewer("")[0] == 403
    assert viewer("begin", name="a.csv", size=5)[0] == 403
    assert viewer("piece", data=b"x", upload="0" * 32, at=0)[0] == 403


def packed(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("r.exe", b"MZ", "cannot be read"),
        ("r.hea", b"r 1 360 3\n", "a zip with all files"),
        ("r.edf", b"", "is empty"),
        ("r.edf", bytes(2_000_001), "larger than 2 MB"),
        ("r.zip", b"nothing of the kind", "damaged"),
        ("r.zip", packed(r_dat=bytes(9_000_000)), "more than 8 MB"),
        ("r.csv", b"no table at all\n", "no rows of numbers"),
    ],
)
def test_what_is_no_recording_is_refused_and_not_kept(
    person: Callable[..., Ask], settings: Settings, name: str, content: bytes, told: str
) -> None:
    ask = person("amina")
    status, answer = ask("begin", name=name, size=len(content))
    if status == 200:
        upload = answer["upload"]
        assert ask("piece", data=content, upload=upload, at=0)[0] == 200
        status, answer = ask("start", upload=upload)
    assert status == 400
    assert told in answer["error"]
    assert str(settings.state_dir) not in answer["error"]
    assert ask("")[1]["jobs"] == []
    assert not list(JobFolders(settings).root.glob("*/*"))


def test_looking_through_a_file_may_take_longer_than_redis(
    person: Callable[..., Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(path: Path) -> bool:
        time.sleep(4 * SHORT_S)
        return is_table_of_beats(path)

    ask = person("amina")
    upload = send(ask, TABLE, "long.csv")
    monkeypatch.setattr(intake, "is_table_of_beats", slowly)
    monkeypatch.setattr(posting, "ANSWER_S", SHORT_S)
    status, answer = ask("start", upload=upload)
    assert (status, answer["ask"]["chosen"]) == (200, ["II"])


def test_what_takes_too_long_is_no_job_and_may_be_tried_again(
    person: Callable[..., Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(store: Store, entry: Entry) -> None:
        await asyncio.Event().wait()

    ask = person("amina")
    upload = send(ask, TABLE, "ward.csv")
    how = {"upload": upload, "leads": ["II"], "unit": "uV"}
    with monkeypatch.context() as slow:
        slow.setattr(changes, "add_entry", never)
        slow.setattr(posting, "ANSWER_S", SHORT_S)
        status, answer = ask("start", **how)
    assert (status, answer["error"]) == (503, "it takes too long now; try again")
    assert ask("")[1]["jobs"] == []
    assert ask("start", **how) == (200, {"job": upload})


def test_a_person_may_keep_so_many(
    person: Callable[..., Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_KEPT", 2)
    ask = person("amina")
    assert [ask("begin", name="a.edf", size=9)[0] for _ in range(3)] == [200, 200, 400]
    assert ask("example", name="ectopy")[1]["error"] == "2 files are kept; delete some"
    monkeypatch.setattr(folders, "FREE_BYTES", 10**18)
    assert "no space" in person("karim")("begin", name="a.edf", size=9)[1]["error"]


def test_a_table_is_asked_about_and_then_studied(
    person: Callable[..., Ask], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = person("amina")
    upload = send(ask, UNSURE, "wearable.csv", 512 * 1024)
    question = ask("start", upload=upload)[1]["ask"]
    assert question["columns"] == ["ch1", "ch2"]
    assert (question["has_time"], question["has_unit"], question["unit"]) == (False, False, "uV")
    assert question["rows"][1] == ["900", "800"]
    assert ask("start", upload=upload, leads=[], fs=250)[0] == 400
    assert ask("start", upload=upload, leads=["ch1"], fs=250, unit="uV")[0] == 200
    do(settings, "amina", upload, monkeypatch)
    status, page = ask("page", job=upload)
    assert (status, page["leads"], page["fs"], page["duration_s"]) == (200, ["ch1"], 250.0, 8.0)
    strip = ask("strip", job=upload, **{"from": 1})[1]
    (segment,) = strip["leads"][0]["segments"]
    lead = strip["leads"][0]
    told = [(value - lead["baseline"]) / lead["gain"] for value in segment["adc"][:9]]
    assert told == pytest.approx([0.9 * ((250 + i) % 9) for i in range(9)], abs=0.01)
    assert strip["gaps"] == [[2000, 2750]]
    assert ask("strip", job=upload, **{"from": 900})[0] == 404


def test_an_example_is_studied_and_taken_away(
    person: Callable[..., Ask], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = person("amina")
    status, started = ask("example", name="twelve", language="ar")
    job = started["job"]
    assert ask("page", job=job)[0] == 404
    folder = do(settings, "amina", job, monkeypatch)
    (row,) = ask("")[1]["jobs"]
    assert (row["state"], row["example"], row["error"]) == ("finished", "twelve", None)
    page = ask("page", job=job)[1]
    assert "LBBB" in page["twelve"]["decisions"]
    names = [one["name"] for one in page["files"]]
    assert [name.rpartition(".")[2] for name in names] == ["hea", "dat", "atr", "pdf"]
    status, pdf = ask("file", job=job, name=names[-1])
    assert (status, pdf[:5]) == (200, b"%PDF-")
    status, analysis = ask("file", job=job, name="analysis.json")
    assert (status, len(analysis["beats"])) == (200, page["figures"]["beats"])
    for name in ("../job.json", "job.json", "nothing"):
        assert ask("file", job=job, name=name)[0] == 404
    shutil.rmtree(folder.path)
    assert ask("page", job=job)[0] == 404


def test_what_has_failed_is_told(
    person: Callable[..., Ask], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = person("amina")
    upload = send(ask, b"0       " + b"x" * 500, "ward 7.edf")
    assert ask("start", upload=upload)[0] == 200
    do(settings, "amina", upload, monkeypatch)
    (job,) = ask("")[1]["jobs"]
    assert job["state"] == "failed"
    assert job["error"].startswith("ward 7.edf: number of signals")
    with redis.Redis.from_url(settings.redis_url) as client:
        lost = ask("example", name="ectopy")[1]["job"]
        silent = {"status": "started", "last_heartbeat": "2026-01-01T00:00:00.000000Z"}
        client.hset(f"rq:job:{lost}", mapping=silent)
    assert ask("")[1]["jobs"][0]["error"] == queue.LOST
    assert ask("")[1]["workers"] == 0
    assert ask("example", name="ectopies")[0] == 400
