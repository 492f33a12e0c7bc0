"""A job takes no more time and memory than it may, and says so; the worker goes on."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.jobs.folders import JobFacts, JobFolder, JobFolders
from gateway.jobs import task


def sent(settings: Settings, leads: int, samples: int, **options: float) -> JobFolder:
    """Keep a zipped record of zeros, as if somebody had sent it."""
    folder = JobFolders(settings).make("owner")
    header = f"r {leads} 250 {samples}\n" + "".join(
        f"r.dat 16 200 16 0 0 0 0 L{i}\n" for i in range(leads)
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("r.hea", header)
        archive.writestr("r.dat", struct.pack("<h", 1) * (leads * samples))
    (folder.upload / "upload.zip").write_bytes(made.getvalue())
    facts = JobFacts(folder.path.name, "owner", "A", "r.zip", 1, time.time(), "study", options)
    folder.begin(facts)
    return folder


RUN = """
import sys
from gateway.jobs import task
task.run(sys.argv[1])
"""
"""A job in a process of its own: in this one hypothesis may watch the collector of garbage, and
what is raised within its callback goes no further."""


def test_a_job_has_so_much_processor_time(settings: Settings) -> None:
    short = replace(settings, api_work_s=1.0, api_upload_mb=100)
    folder = sent(short, 2, 250 * 7200)  # two hours: some seconds of work
    environ = os.environ | to_environ(short)
    subprocess.run([sys.executable, "-c", RUN, str(folder.path)], env=environ, check=True)
    failure = folder.failure()
    assert failure is not None
    assert (failure.text, failure.values) == (task.TOO_LONG, {"seconds": "1"})
    assert not folder.upload.exists()


BOUNDED = """
import sys
from ecg_monitor.core.settings import load
from gateway.jobs import task
task.bound(load())
task.run(sys.argv[1])
"""
"""What a worker's process does."""


def test_a_job_has_so_much_memory(settings: Settings) -> None:
    folder = sent(settings, 16, 9_000_000)  # 288 MB of samples, and several times that at work
    environ = os.environ | to_environ(settings)
    subprocess.run([sys.executable, "-c", BOUNDED, str(folder.path)], env=environ, check=True)
    failure = folder.failure()
    assert failure is not None
    assert (failure.text, failure.values) == (task.TOO_LARGE, {"megabytes": 500})
    assert not folder.upload.exists()


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_url, state=str(tmp_path), api_upload_mb=100, api_work_mb=500)
