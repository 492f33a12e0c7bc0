"""Files that mean harm, or are broken: a clear answer each, and nothing left on the disk."""

from __future__ import annotations

import asyncio
import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs import uploads
from ecg_monitor.jobs.folders import JobFacts, JobFolders
from gateway.jobs import task
from tests.gateway.api.conftest import Grant

HEADER = b"r 1 360 3\nr.dat 16 200 16 0 0 0 0 II\n"
SAMPLES = struct.pack("<3h", 1, 2, 3)


def packed(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("r.dat")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def encrypted() -> bytes:
    content = bytearray(packed(("r.hea", HEADER)))
    content[6] |= 1  # flags of the entry, and of its place in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("r.edf", bytes, "is empty"),
    "no ending": ("recording", lambda: b"x", "cannot be read"),
    "a program": ("r.exe", lambda: b"MZ", "cannot be read"),
    "a header alone": ("r.hea", lambda: HEADER, "a zip with all files"),
    "no zip": ("r.zip", lambda: b"nothing of the kind", "damaged"),
    "a zip cut short": ("r.zip", lambda: packed(("r.hea", HEADER))[:-30], "damaged"),
    "an empty zip": ("r.zip", packed, "is empty"),
    "a path above": ("r.zip", lambda: packed(("../../r.hea", HEADER)), "not plain"),
    "a path from the root": ("r.zip", lambda: packed(("/etc/r.hea", HEADER)), "not plain"),
    "a path of Windows": ("r.zip", lambda: packed(("..\\r.hea", HEADER)), "not plain"),
    "a hidden file": ("r.zip", lambda: packed((".bashrc", b"")), "not plain"),
    "a link": ("r.zip", lambda: packed((link(), b"/etc/passwd")), "no plain file"),
    "a bomb": ("r.zip", lambda: packed(("r.dat", bytes(40_000_000))), "more than 32 MB"),
    "many files": ("r.zip", lambda: packed(*((f"{i}.dat", b"") for i in range(201))), "201 files"),
    "twice one name": ("r.zip", lambda: packed(("a/r.hea", b""), ("b/R.hea", b"")), "same name"),
    "encrypted": ("r.zip", encrypted, "encrypted"),
}


@pytest.mark.parametrize("case", BAD)
async def test_it_is_refused_at_once(
    api: httpx.AsyncClient, grant: Grant, settings: Settings, case: str
) -> None:
    name, make, told = BAD[case]
    headers = await grant("upload")
    answer = await api.post("/v1/analyses", files={"file": (name, make())}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "file"), answer.text
    assert told in answer.json()["error"]["message"]
    assert not _left(settings)


async def test_requests_that_are_wrong(
    api: httpx.AsyncClient, grant: Grant, settings: Settings
) -> None:
    headers = await grant("upload")
    good = {"file": ("r.csv", b"time,II\n0,1\n")}
    for kwargs, status, field in (
        ({"files": good, "data": {"fs": "fast"}}, 422, "fs"),
        ({"files": good, "data": {"fs": "nan"}}, 422, "fs"),
        ({"files": good, "data": {"leads": "I\n"}}, 202, None),
        ({"files": good, "data": {"leads": "I\x00I"}}, 422, "leads"),
        ({"files": good, "data": {"x": "1"}}, 422, "form"),
        ({"data": {"file": "text"}}, 422, "file"),
        ({"json": {"file": 1}}, 422, "file"),
        ({"content": b""}, 422, "file"),
        ({"files": {"file": ("r.edf", bytes(9_000_000))}}, 413, None),
    ):
        answer = await api.post("/v1/analyses", headers=headers, **kwargs)
        assert answer.status_code == status, answer.text
        assert (answer.json()["error"] or {}).get("field") == field
    answer = await api.post("/v1/analyses", headers=await grant("read"), files=good)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "no_scope")
    broken = {**headers, "Content-Type": "multipart/form-data; boundary=x"}
    answer = await api.post("/v1/analyses", headers=broken, content=b"--y\r\nnothing")
    assert answer.status_code in (400, 422)
    assert len(_left(settings)) == 1


LYING: dict[str, tuple[bytes, str]] = {
    "samples elsewhere": (HEADER.replace(b"r.dat", b"../../../secret.dat"), "header"),
    "samples elsewhere, of a name with a point": (
        b"r.1 1 360 3\n../../../secret.dat 16 200 16 0 0 0 0 II\n",
        "no file beside it",
    ),
    "samples at the root": (HEADER.replace(b"r.dat", b"/etc/passwd"), "header"),
    "a billion samples": (HEADER.replace(b"360 3", b"360 2000000000"), ""),
    "a rate that cannot be": (HEADER.replace(b"360 3", b"1e308 3"), ""),
    "a rate below zero": (HEADER.replace(b"360 3", b"-360 3"), "sampling rate"),
    "no rate": (HEADER.replace(b"360 3", b"fast 3"), "sampling rate"),
    "a thousand signals": (HEADER.replace(b"r 1 ", b"r 1000 "), ""),
    "no text": (bytes(range(256)), ""),
    "no signal": (b"r 0 360 0\n", ""),
}


@pytest.mark.parametrize("case", LYING)
def test_a_header_that_lies_fails_its_job_alone(tmp_path: Path, case: str) -> None:
    (tmp_path / "secret.dat").write_bytes(SAMPLES)
    header, told = LYING[case]
    settings = Settings(state=str(tmp_path))
    folder = JobFolders(settings).make("owner")
    (folder.upload / "upload.zip").write_bytes(packed(("r.hea", header), ("r.dat", SAMPLES)))
    folder.begin(JobFacts(folder.path.name, "owner", "A. Nurse", "r.zip", 1, 0.0))
    task.run(str(folder.path))
    error = folder.error()
    assert error is not None
    assert told in error
    assert str(tmp_path) not in error
    assert not folder.result.exists()
    assert not folder.upload.exists()


def test_a_zip_whose_directory_lies_is_bounded_by_what_comes_out(tmp_path: Path) -> None:
    content = bytearray(packed(("r.dat", bytes(5_000_000))))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 100)
    (tmp_path / "upload.zip").write_bytes(content)
    uploads.check_upload(tmp_path / "upload.zip", 1_000_000)
    with pytest.raises(RecordError):
        uploads.unpack(tmp_path, 1_000_000)
    assert sum(path.stat().st_size for path in tmp_path.glob("*.dat")) <= 1_000_000


def test_two_recordings_in_one_zip(tmp_path: Path) -> None:
    for name in ("a.csv", "b.edf"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(RecordError, match="2 recordings"):
        uploads.recording_in(tmp_path)
    (tmp_path / "c.hea").write_bytes(HEADER)
    assert uploads.recording_in(tmp_path).name == "c.hea"
    (tmp_path / "d.hea").write_bytes(b"d/2 1 360 6\nc 3\nc 3\n")
    assert uploads.recording_in(tmp_path).name == "d.hea"


async def test_a_hundred_at_once(api: httpx.AsyncClient, grant: Grant, settings: Settings) -> None:
    headers, other = await grant("upload"), await grant("upload", "score")
    text = b"time,II\n" + b"".join(b"%.3f,%d\n" % (i / 250, i % 9) for i in range(5000))

    async def one() -> int:
        files = {"file": ("r.csv", text)}
        return (await api.post("/v1/analyses", files=files, headers=headers)).status_code

    sending = [asyncio.ensure_future(one()) for _ in range(100)]
    answer = await api.get("/v1/models", headers=other)
    assert answer.status_code == 200
    assert await asyncio.gather(*sending) == [202] * 100
    jobs = (await api.get("/v1/jobs", headers=headers)).json()["jobs"]
    assert sorted(one["ahead"] for one in jobs) == list(range(100))
    assert len(_left(settings)) == 100


def _left(settings: Settings) -> list[Path]:
    return list(JobFolders(settings).root.glob("*/*"))
