"""What a job needs is loaded before its process begins."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys, tempfile
from pathlib import Path
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFacts, JobFolder
from gateway.jobs.rehearsal import rehearse

rehearse(Settings())
known = set(sys.modules)
from ecg_monitor.archive.history import add_recording
from ecg_monitor.records.reader import read_record
from gateway.jobs.exporting import exported
from gateway.jobs.studying import studied_recording
from gateway.study import examples

with tempfile.TemporaryDirectory() as place:
    folder = JobFolder(Path(place))
    for recording in (examples.made("fibrillation", 40.0), None):
        recording = recording or read_record(folder.files / "fibrillation")
        studied_recording(folder, "fr", Settings(), recording, lambda _: None)
    add_recording(Path(place) / "archive", recording.name, recording, 1.8e9)
    options = {"device": recording.name, "format": "report", "language": "fr"}
    facts = JobFacts("", "", "", "", 0, 1.8e9, "export", options)
    exported(folder, facts, Settings(archive=f"{place}/archive"), lambda _: None)
print(len(known), sorted(set(sys.modules) - known))
"""


def test_a_job_after_the_rehearsal_loads_nothing_more() -> None:
    words = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    count, loaded = done.stdout.split(" ", 1)
    assert int(count) > 500
    assert loaded.strip() == "[]"
