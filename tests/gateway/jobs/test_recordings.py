"""What a bed has recorded: listed, read with its samples, and written to files by a job."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from ecg_monitor.archive.annotations.reviewer import Reviewer
from ecg_monitor.archive.reading import read_interval
from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import Store
from ecg_monitor.jobs.folders import JobFolders
from ecg_monitor.records import read_record
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.units.desk import UnitDesk
from gateway.jobs import task
from tests.gateway.api.conftest import Grant
from tests.support.archive import DEVICE, FS, T0, alarm, arrive, find_beats, packets, recording
from tests.support.archive import signal as made_up

PUBLISHED = made_up(round(20 * FS))
GAP = slice(1000, 1500)


@pytest.fixture
async def archive(redis_client: Store, settings: Settings) -> Path:
    """Two leads of 20 s with a gap, two beats and an alarm."""
    await arrive(redis_client, [p for p in packets(PUBLISHED, 500) if p.n0 != GAP.start])
    await find_beats(redis_client, {250: "N", 500: "V"})
    await alarm(redis_client, "vt", 500, 750)
    root = settings.archive_dir
    root.mkdir()
    with recording(redis_client, root) as recorder:
        await recorder.turn()
        await recorder.seal()
    return root


async def test_an_interval_is_what_was_published(
    api: httpx.AsyncClient, grant: Grant, archive: Path, redis_client: Store
) -> None:
    headers = await grant("export")
    (row,) = (await api.get("/v1/recordings", headers=headers)).json()["recordings"]
    assert (row["device"], round(row["start"] - T0)) == (DEVICE, 0)
    times = {"start": T0 - 5, "end": T0 + 60}
    answer = await api.get(
        f"/v1/recordings/{DEVICE}", params={**times, "samples": True}, headers=headers
    )
    told = answer.json()
    samples = np.array(told["samples"], dtype=float)
    assert np.isnan(samples[:, GAP]).all()
    known = np.delete(samples, np.r_[GAP], axis=1)
    np.testing.assert_array_equal(known, np.delete(PUBLISHED, np.r_[GAP], axis=1))
    assert told["beats"] == [{"time_s": 1.0, "symbol": "N"}, {"time_s": 2.0, "symbol": "V"}]
    assert [(one["kind"], one["onset_s"]) for one in told["alarms"]] == [("vt", 2.0)]
    trail = await People(redis_client, "").trail()
    assert (trail[0].what, trail[0].user) == ("exported", "A. Nurse")
    for query, status in (
        ({"start": T0 + 1e6, "end": T0 + 1e6 + 5}, 404),
        ({"start": T0, "end": T0 + 601}, 422),
        ({"start": T0, "end": T0}, 422),
    ):
        answer = await api.get(f"/v1/recordings/{DEVICE}", params=query, headers=headers)
        assert answer.status_code == status, answer.text
        assert str(archive) not in answer.text


async def test_what_reviewers_said_is_told_with_their_names(
    api: httpx.AsyncClient, grant: Grant, archive: Path
) -> None:
    now = T0 + 99
    doctor = Reviewer(archive, DEVICE, 0.0, 1e11, "A. Doctor", lambda: now)
    zero = read_interval(archive, DEVICE).start
    doctor.label([zero + 2.0], "S")
    doctor.mark(T0 + 1, T0 + 3, "(AFIB", "<b>sure</b>")
    headers = await grant("export")
    told = {}
    for by in ("all", "machine", "reviewer"):
        times = {"start": T0 - 5, "end": T0 + 60, "by": by}
        path = f"/v1/recordings/{DEVICE}/annotations"
        answer = await api.get(path, params=times, headers=headers)
        assert answer.status_code == 200, answer.text
        told[by] = answer.json()
    beats = {by: [(b["symbol"], b["found"], b["by"]) for b in told[by]["beats"]] for by in told}
    assert beats == {
        "all": [("N", "N", ""), ("S", "V", "A. Doctor")],
        "machine": [("N", "N", ""), ("V", "V", "")],
        "reviewer": [("S", "V", "A. Doctor")],
    }
    acts = [(a["what"], a["by"], a["at"], a["value"], a["beats"]) for a in told["reviewer"]["acts"]]
    assert acts == [
        ("label", "A. Doctor", now, "S", 1),
        ("rhythm", "A. Doctor", now, "(AFIB", 0),
    ]
    assert (told["machine"]["acts"], told["machine"]["corrected"], told["all"]["corrected"]) == (
        [], 0, 1,
    )  # fmt: skip
    path = f"/v1/recordings/{DEVICE}/annotations"
    for query, who, status in (
        ({"start": T0, "end": T0 + 86_401}, headers, 422),
        ({"by": "nobody"}, headers, 422),
        ({"start": T0 + 1e6, "end": T0 + 1e6 + 5}, headers, 404),
        ({}, await grant("read"), 403),
        ({}, await grant("export", beds=["icu-*"]), 403),
    ):
        assert (await api.get(path, params=query, headers=who)).status_code == status


@pytest.mark.parametrize("form", ["wfdb", "edf", "dicom", "report"])
async def test_an_export_is_written_by_a_job(
    api: httpx.AsyncClient, grant: Grant, archive: Path, settings: Settings, form: str,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    headers = await grant("export")
    question = {"device": DEVICE, "start": T0 - 1, "end": T0 + 60, "format": form}
    answer = await api.post("/v1/exports", json=question, headers=headers)
    assert answer.status_code == 202, answer.text
    job = f"/v1/jobs/{answer.json()['id']}"
    _do(answer.json(), settings, monkeypatch)
    done = (await api.get(job, headers=headers)).json()
    assert (done["state"], done["error"], done["task"]) == ("finished", None, "export")
    result = (await api.get(f"{job}/result", headers=headers)).json()
    back = tmp_path / "back"
    back.mkdir()
    for one in result["files"]:
        content = (await api.get(f"{job}/files/{one['name']}", headers=headers)).content
        assert len(content) == one["size"]
        (back / one["name"]).write_bytes(content)
    if form == "report":
        (pdf,) = back.iterdir()
        assert io.BytesIO(pdf.read_bytes()).read(5) == b"%PDF-"
    else:
        read = read_record(back / result["files"][0]["name"])
        assert read.n_samples == PUBLISHED.shape[1]
        assert read.valid()[:, GAP].sum() == 0
    for name in ("..%2fjob.json", "job.json", "nothing"):
        assert (await api.get(f"{job}/files/{name}", headers=headers)).status_code == 404
    stranger = await grant("export")
    assert (await api.get(f"{job}/files/{name}", headers=stranger)).status_code == 404


async def test_what_is_not_exported(
    api: httpx.AsyncClient, grant: Grant, archive: Path, settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    headers, unit = await grant("export"), await grant("export", beds=["icu-*"])
    good = {"device": DEVICE, "start": T0, "end": T0 + 60, "format": "edf"}
    for who, change, status in (
        (unit, {}, 403),
        (await grant("read"), {}, 403),
        (headers, {"format": "exe"}, 422),
        (headers, {"device": "../x"}, 422),
        (headers, {"end": T0 - 1}, 422),
        (headers, {"start": "now"}, 422),
    ):
        answer = await api.post("/v1/exports", json=good | change, headers=who)
        assert answer.status_code == status, answer.text
    assert (await api.get("/v1/recordings", headers=unit)).json() == {"recordings": []}
    late = {"start": T0 + 1e6, "end": T0 + 1e6 + 60}
    job = (await api.post("/v1/exports", json=good | late, headers=headers)).json()
    _do(job, settings, monkeypatch)
    failed = (await api.get(f"/v1/jobs/{job['id']}", headers=headers)).json()
    assert failed["state"] == "failed"
    assert f"nothing of {DEVICE} is recorded" in failed["error"]


async def test_an_export_of_a_bed_that_was_given_away_is_not_handed_out(
    api: httpx.AsyncClient, grant: Grant, archive: Path, settings: Settings, redis_client: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    headers = await grant("export")
    question = {"device": DEVICE, "start": T0, "end": T0 + 60, "format": "csv"}
    job = (await api.post("/v1/exports", json=question, headers=headers)).json()
    _do(job, settings, monkeypatch)
    result = f"/v1/jobs/{job['id']}/result"
    (file,) = (await api.get(result, headers=headers)).json()["files"]
    paths = result, f"/v1/jobs/{job['id']}/files/{file['name']}"
    for path in paths:
        assert (await api.get(path, headers=headers)).status_code == 200
    desk = UnitDesk(redis_client, settings, "A. Admin")
    own, other = await desk.add("ICU"), await desk.add("Ward")
    await desk.give_person("A. Nurse", [own.id], 0)
    partition = keys.partition_of(DEVICE, settings.partitions)
    await redis_client.hset(keys.roster(partition), DEVICE, "1 2")
    await desk.give_beds(other.id, {DEVICE: 0})
    for path in paths:
        answer = await api.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_unit")
    assert (await api.delete(f"/v1/jobs/{job['id']}", headers=headers)).status_code == 204


def _do(job: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a worker does."""
    for name, value in to_environ(settings).items():
        monkeypatch.setenv(name, value)
    (folder,) = JobFolders(settings).root.glob(f"*/{job['id']}")
    task.run(str(folder))
