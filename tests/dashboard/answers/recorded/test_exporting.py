"""What the review page takes away is written by a worker, for who asked and may see the bed."""

import io
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import orjson
import pytest
import redis

from dashboard.answers.recorded import exporting
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.jobs.folders import JobFolders, owner_of
from ecg_monitor.jobs.queue import JobQueue
from ecg_monitor.jobs.uploads import recording_in, unpack
from ecg_monitor.records import read_record
from ecg_monitor.ward import access
from gateway.jobs import task
from tests.support.archive import DEVICE, FS, T0, reviewed_record


@pytest.fixture
def made(tmp_path):
    return reviewed_record(tmp_path / "archive")


@pytest.fixture
def settings(redis_url, tmp_path, made):
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return Settings(
        redis_url=redis_url, secret="x" * 32, partitions=1,
        archive=str(tmp_path / "archive"), state=str(tmp_path / "state"),
    )  # fmt: skip


@pytest.fixture
def person(settings, client_for, cookie_of):
    """Signs somebody in, who posts and fetches; each returns the status and what came."""

    def sign_in(user: str, role: str = "clinician"):
        client = client_for(settings)
        client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, user, role))
        origin = {"Origin": f"http://127.0.0.1:{settings.port}"}

        def post(what: str, **fields):
            asked = {"device": DEVICE, "from": T0, "to": T0 + 60, "format": "wfdb"} | fields
            answer = client.post(f"/recorded/{what}", json=asked, headers=origin)
            return answer.status_code, orjson.loads(answer.data)

        def fetch(what: str, device: str = DEVICE, **query):
            got = client.get(f"/recorded/{device}/{what}", query_string=query)
            content = got.data
            got.close()
            return got.status_code, orjson.loads(content) if what == "exports" else content

        return post, fetch

    return sign_in


def work(settings, user: str, job: str, monkeypatch) -> None:
    """Do what a worker does."""
    for name, value in to_environ(settings).items():
        monkeypatch.setenv(name, value)
    folder = JobFolders(settings).find(job, owner_of(user))
    task.run(str(folder.path))


def test_an_interval_comes_back_sample_for_sample_as_one_zip(
    settings, person, made, monkeypatch, tmp_path
):
    post, fetch = person("amina")
    status, begun = post("export")
    assert status == 200
    (waiting,) = fetch("exports")[1]["exports"]
    assert (waiting["id"], waiting["state"], waiting["ahead"]) == (begun["job"], "queued", 0)
    work(settings, "amina", begun["job"], monkeypatch)
    (done,) = fetch("exports")[1]["exports"]
    (file,) = done["files"]
    assert (done["state"], file["name"]) == ("finished", f"{DEVICE}_20260921_141320.zip")
    status, content = fetch("file", job=begun["job"], name=file["name"])
    assert (status, len(content)) == (200, file["size"])
    back = tmp_path / "back"
    back.mkdir()
    (back / "upload.zip").write_bytes(content)
    unpack(back, 1 << 20)
    read = read_record(recording_in(back))
    np.testing.assert_array_equal(read.samples, made.samples[:, : round(60 * FS)])
    assert post("forget", job=begun["job"])[0] == 200
    assert fetch("exports")[1]["exports"] == []
    assert not list(JobFolders(settings).root.glob("*/*"))


def test_what_a_full_disk_does_not_take_leaves_nothing(settings, person, monkeypatch):
    post, fetch = person("amina")
    begun = post("export")[1]

    def usage(place):
        return SimpleNamespace(free=0 if list(Path(place).glob("*.zip")) else 1 << 40)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    work(settings, "amina", begun["job"], monkeypatch)
    (failed,) = fetch("exports")[1]["exports"]
    assert failed["state"] == "failed"
    assert "no space for exports" in str(failed["error"])
    folder = JobFolders(settings).find(begun["job"], owner_of("amina"))
    assert list(folder.files.iterdir()) == []


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("edf", b"0       "),
        ("csv", b"# ecg-monitor export"),
        ("fhir", b'{"resourceType":"Bundle"'),
        ("pdf", b"%PDF-"),
        ("svg", b"<"),
        ("png", b"\x89PNG"),
        ("report", b"%PDF-"),
    ],
)
def test_each_format_is_written(settings, person, monkeypatch, form, begins):
    post, fetch = person("amina")
    status, begun = post("export", format=form, language="ar")
    assert status == 200, begun
    work(settings, "amina", begun["job"], monkeypatch)
    (done,) = fetch("exports")[1]["exports"]
    assert done["error"] is None
    status, content = fetch("file", job=begun["job"], name=done["files"][0]["name"])
    assert (status, content[: len(begins)]) == (200, begins)
    assert zipfile.is_zipfile(io.BytesIO(content)) is False


def test_nobody_else_gets_it(settings, person, monkeypatch):
    post, fetch = person("amina")
    job = post("export", format="csv")[1]["job"]
    work(settings, "amina", job, monkeypatch)
    name = fetch("exports")[1]["exports"][0]["files"][0]["name"]
    post_other, fetch_other = person("karim")
    assert fetch_other("exports")[1]["exports"] == []
    assert fetch_other("file", job=job, name=name)[0] == 404
    assert post_other("forget", job=job)[0] == 400
    assert fetch("file", job=job, name=name, device="bed-2")[0] == 404, "not of that bed"
    assert fetch("file", job=job, name="../job.json")[0] == 404
    assert fetch("file", job=job)[0] == 400
    # The bed is given to another care unit: what was taken of it goes out of sight as well.
    unit = {"id": "ab12cd34", "name": "ICU", "key": "icu", "version": 1, "by": "", "at": 0}
    other = {"id": "ab12cd35", "name": "Ward", "key": "ward", "version": 1, "by": "", "at": 0}
    given = {"unit": other["id"], "version": 1, "by": "", "at": 0}
    seen = {"name": "amina", "units": [unit["id"]], "version": 1, "by": "", "at": 0}
    with redis.Redis.from_url(settings.redis_url) as store:
        for one in (unit, other):
            store.hset(keys.UNITS, one["id"], orjson.dumps(one))
        store.hset(keys.UNIT_BEDS, DEVICE, orjson.dumps(given))
        store.hset(keys.UNIT_PEOPLE, "amina", orjson.dumps(seen))
        store.set(keys.UNITS_VERSION, 1)
    post, fetch = person("amina")
    assert fetch("file", job=job, name=name)[0] == 403
    assert post("export")[0] == 403


def test_what_cannot_be_taken_is_refused(settings, person, monkeypatch):
    assert person("v", "viewer")[0]("export")[0] == 403
    assert person("v", "viewer")[1]("exports")[0] == 403
    post, fetch = person("amina")
    wrong = [
        post("export", format="exe"),
        post("export", format=7),
        post("export", language="de"),
        post("export", to=T0),
        post("export", to="now"),
        post("export", device="../x"),
        post("export", within=17),
        post("export", format="png", to=T0 + 121),
        post("export", **{"from": T0 - 90_000}),
    ]
    assert [status for status, _ in wrong] == [400] * len(wrong)
    assert wrong[-2][1]["error"].endswith("at most 2 min")
    monkeypatch.setattr(exporting, "MOST_KEPT", 1)
    assert [post("export")[0] for _ in range(2)] == [200, 400]
    late = post("export", **{"from": T0 + 5000, "to": T0 + 5060})
    assert late[0] == 400
    assert len(fetch("exports")[1]["exports"]) == 1


def test_what_is_not_kept_any_more_is_told(settings, person, monkeypatch):
    post, fetch = person("amina")
    job = post("export", **{"from": T0 + 5000, "to": T0 + 5060})[1]["job"]
    work(settings, "amina", job, monkeypatch)
    (failed,) = fetch("exports")[1]["exports"]
    assert failed["state"] == "failed"
    assert f"nothing of {DEVICE} is recorded" in failed["error"]
    assert str(settings.archive_dir) not in failed["error"]


def test_an_export_that_is_removed_while_it_is_looked_at_is_not_listed(
    settings, person, monkeypatch
):
    post, fetch = person("amina")
    job = post("export", format="csv")[1]["job"]
    work(settings, "amina", job, monkeypatch)
    look = JobQueue.look

    def look_too_long(queue, folder):
        how = look(queue, folder)
        JobFolders(settings).remove(folder)
        return how

    monkeypatch.setattr(JobQueue, "look", look_too_long)
    status, told = fetch("exports")
    assert (status, told["exports"]) == (200, [])
