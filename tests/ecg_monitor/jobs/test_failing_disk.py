"""A disk that fails is told: it is neither a damaged upload nor a job that is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs import trace, uploads
from ecg_monitor.jobs.beat_tables import is_table_of_beats
from ecg_monitor.jobs.folders import UNFINISHED_S, JobFacts, JobFolder, JobFolders

OWNER = "owner"
LONG_AGO = 1000.0


def failing(path: Path) -> Path:
    """Put something at a path that is there and cannot be read, whoever asks."""
    path.mkdir()
    return path


def job(folders: JobFolders, name: str) -> JobFolder:
    """Return a job of long ago."""
    folder = folders.make(OWNER)
    folder.begin(JobFacts(folder.path.name, OWNER, "A. Nurse", name, 1, LONG_AGO))
    os.utime(folder.path, (LONG_AGO, LONG_AGO))
    return folder


def test_a_job_that_the_disk_does_not_give_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folders = JobFolders(Settings(state=str(tmp_path)))
    whole, hidden = job(folders, "a.csv"), job(folders, "b.csv")
    (hidden.path / "job.json").unlink()
    failing(hidden.path / "job.json")
    os.utime(hidden.path, (LONG_AGO, LONG_AGO))
    with pytest.raises(IsADirectoryError):
        hidden.facts()
    with pytest.raises(IsADirectoryError):
        folders.find(hidden.path.name, OWNER)
    assert [facts.name for facts in folders.of(OWNER)] == ["a.csv"]
    now = LONG_AGO + UNFINISHED_S + Settings().api_keep_s + 1
    assert folders.sweep(now) == [whole.path.name]
    assert hidden.path.is_dir()
    told = [f"job {hidden.path.name} cannot be read" in one for one in caplog.messages]
    assert told[:2] == [True, True]


def test_a_folder_that_is_no_job_has_no_facts(tmp_path: Path) -> None:
    folders = JobFolders(Settings(state=str(tmp_path)))
    folder = folders.make(OWNER)
    assert folder.facts() is None
    assert JobFolder(tmp_path / "nowhere").facts() is None
    (folder.path / "job.json").write_bytes(b'{"id": "half')
    assert folder.facts() is None
    assert folders.sweep(folder.path.stat().st_mtime + UNFINISHED_S + 1) == [folder.path.name]


def test_files_that_the_disk_does_not_give(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        is_table_of_beats(failing(tmp_path / "beats.csv"))
    with pytest.raises(IsADirectoryError):
        trace.strip(failing(tmp_path / trace.TRACE).parent, {"fs": 250.0}, 0.0, 10.0)
    assert trace.strip(tmp_path / "nowhere", {"fs": 250.0}, 0.0, 10.0) is None


def test_a_zip_that_the_disk_does_not_give_is_not_damaged(tmp_path: Path) -> None:
    for fails in (failing(tmp_path / "a.zip"), tmp_path / "gone.zip"):
        with pytest.raises(OSError, match="directory"):
            uploads.check_upload(fails, 1_000_000)
    (tmp_path / "upload").mkdir()
    failing(tmp_path / "upload" / "upload.zip")
    with pytest.raises(IsADirectoryError):
        uploads.unpack(tmp_path / "upload", 1_000_000)
