"""Recordings are sent, analysed by workers, fetched; what harms one job harms no other."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest
import wfdb

from detector.analyzer.offline import analyze
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.jobs import queue
from ecg_monitor.jobs.folders import JobFolders
from ecg_monitor.records import read_record
from ecg_monitor.ward.accounts.people import People
from gateway.jobs.worker import KILLED
from tests.gateway.api.conftest import Grant
from tests.gateway.jobs.conftest import Working
from tests.support.recordings import write_beginning
from tests.support.waiting import PATIENCE_S, allowed_s, eventually

Headers = dict[str, str]


def zipped(folder: Path, name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.glob(f"{name}.*"):
            archive.write(path, f"folder/{path.name}")
    return packed.getvalue()


@pytest.fixture(scope="module")
def short(mitdb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the first 30 s of record 208."""
    folder = tmp_path_factory.mktemp("short")
    write_beginning(mitdb, "208", 30.0, folder)
    return folder


@pytest.fixture(scope="module")
def long(mitdb: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Half an hour of one lead, zipped."""
    folder = tmp_path_factory.mktemp("long")
    signal_ = wfdb.rdrecord(str(mitdb / "208"), physical=False, channels=[0])
    wfdb.wrsamp(
        "long", fs=360, units=["mV"], sig_name=["MLII"], d_signal=signal_.d_signal,
        fmt=["16"], adc_gain=signal_.adc_gain, baseline=signal_.baseline, write_dir=str(folder),
    )  # fmt: skip
    return zipped(folder, "long")


async def send(
    api: httpx.AsyncClient, headers: Headers, content: bytes, name: str = "r.zip", **fields: str
) -> Any:
    answer = await api.post(
        "/v1/analyses", files={"file": (name, content)}, data=fields, headers=headers
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


async def state(api: httpx.AsyncClient, headers: Headers, job: Any) -> Any:
    return (await api.get(f"/v1/jobs/{job['id']}", headers=headers)).json()


async def over(api: httpx.AsyncClient, headers: Headers, job: Any) -> Any:
    async def look() -> Any:
        found = await state(api, headers, job)
        return found if found["state"] in ("finished", "failed") else None

    return await eventually(look)


async def running(api: httpx.AsyncClient, headers: Headers, job: Any) -> bool:
    return bool((await state(api, headers, job))["progress"] > 0)


async def events_of(api: httpx.AsyncClient, headers: Headers, job: Any) -> list[Any]:
    answer = await api.get(f"/v1/jobs/{job['id']}/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in answer.text.splitlines() if line.startswith("data: ")]
    return [orjson.loads(line.removeprefix("data: ")) for line in lines]


async def test_an_upload_is_analysed_as_the_command_does(
    api: httpx.AsyncClient, grant: Grant, working: Working, short: Path, long: bytes,
    redis_client: Store, settings: Settings,
) -> None:  # fmt: skip
    headers = await grant("upload")
    job = await send(api, headers, zipped(short, "208"))
    assert (job["state"], job["ahead"], job["name"]) == ("queued", 0, "r.zip")
    waiting = await api.get(f"/v1/jobs/{job['id']}/result", headers=headers)
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (409, "not_done")
    with working() as worker:
        told = await events_of(api, headers, job)
        text = b"time,II\n" + b"".join(b"%.3f,%.3f\n" % (i / 250, i % 7) for i in range(1000))
        table = await send(api, headers, text, "a/b\\ward 7.CSV")
        assert (await over(api, headers, table))["state"] == "finished"
        await _kill_one(api, headers, worker, long)
        await _stop(api, headers, worker, long)
    assert (told[0]["state"], told[-1]["state"]) == ("queued", "finished")
    result = (await api.get(f"/v1/jobs/{job['id']}/result", headers=headers)).json()
    wanted = orjson.loads(orjson.dumps(analyze(read_record(short / "208"))))
    assert {name: result[name] for name in wanted} == wanted
    assert not any(str(settings.state_dir) in note for note in result["notes"])
    listed = (await api.get("/v1/jobs", headers=headers)).json()["jobs"]
    assert [one["name"] for one in listed[-2:]] == ["ward 7.CSV", "r.zip"]
    stranger = await grant("upload")
    for path in ("", "/result", "/events"):
        answer = await api.get(f"/v1/jobs/{job['id']}{path}", headers=stranger)
        assert answer.status_code == 404
    assert (await api.delete(f"/v1/jobs/{job['id']}", headers=stranger)).status_code == 404
    assert (await api.get("/v1/jobs", headers=stranger)).json() == {"jobs": []}
    assert (await api.delete(f"/v1/jobs/{job['id']}", headers=headers)).status_code == 204
    assert (await api.get(f"/v1/jobs/{job['id']}", headers=headers)).status_code == 404
    trail = await People(redis_client, "").trail()
    acts = [(one.what, one.by) for one in trail if one.what.startswith("upload")]
    assert acts[0] == ("upload_deleted", "A. Nurse")
    assert acts[-1] == ("upload_analysed", "A. Nurse")


async def _kill_one(
    api: httpx.AsyncClient, headers: Headers, worker: subprocess.Popen[bytes], long: bytes
) -> None:
    """A job whose process is killed has failed, and the next one is done."""
    first = await send(api, headers, long)
    text = b"time,II\n" + b"".join(b"%.3f,%.3f\n" % (i / 250, i % 7) for i in range(1000))
    second = await send(api, headers, text, "next.csv")
    await eventually(lambda: running(api, headers, first))
    (process,) = psutil.Process(worker.pid).children()
    process.kill()
    failed = await over(api, headers, first)
    assert (failed["state"], failed["error"]) == ("failed", KILLED)
    assert (await over(api, headers, second))["state"] == "finished"


async def _stop(
    api: httpx.AsyncClient, headers: Headers, worker: subprocess.Popen[bytes], long: bytes
) -> None:
    """A worker that is stopped gives its job back."""
    job = await send(api, headers, long)
    await eventually(lambda: running(api, headers, job))
    worker.terminate()
    assert worker.wait(allowed_s(PATIENCE_S)) == 0
    assert (await state(api, headers, job))["state"] == "queued"


async def test_a_worker_that_is_gone(
    api: httpx.AsyncClient, grant: Grant, short: Path, redis_client: Store
) -> None:
    headers = await grant("upload")
    job = await send(api, headers, zipped(short, "208"))
    silent = {"status": "started", "last_heartbeat": "2026-01-01T00:00:00.000000Z"}
    await redis_client.hset(f"rq:job:{job['id']}", mapping=silent)
    lost = await state(api, headers, job)
    assert (lost["state"], lost["error"]) == ("failed", queue.LOST)
    await redis_client.delete(f"rq:job:{job['id']}")
    forgotten = await state(api, headers, job)
    assert (forgotten["state"], forgotten["error"]) == ("failed", queue.FORGOTTEN)


async def test_what_ends_by_its_age(
    api: httpx.AsyncClient, grant: Grant, settings: Settings, short: Path
) -> None:
    headers = await grant("upload")
    job = await send(api, headers, zipped(short, "208"))
    folders = JobFolders(settings)
    half = folders.make("owner")
    assert not folders.sweep()
    assert set(folders.sweep(job["created_at"] + settings.api_keep_s + 1)) == {
        job["id"],
        half.path.name,
    }
    assert not list(folders.root.glob("*/*"))
    assert (await api.get(f"/v1/jobs/{job['id']}", headers=headers)).status_code == 404
