"""A measurement of the real parts, as the command runs it; one that a part does not survive."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from ecg_monitor.cli import main
from tests.support.places import ROOT
from workbench.bench.whole.follower import STAGES

LEADS = 2
PATIENCE_S = 500
"""Eight processes start one after another, on a machine that may do much else."""
PROCESSES = {
    *("bench", "broker", "redis", "ingest", "detector", "detector-2", "hub", "simulator"),
    "recorder",
}


@contextmanager
def bench(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "ecg_monitor.cli", "bench", "--scenario", "vt-run", *words]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.timeout(600)
def test_four_beds_are_measured_and_told_as_json():
    words = ("--beds", "4", "--detectors", "2", "--watched", "2", "--recorded", "--seconds", "2")
    with bench(*words, "--json", "-") as process:
        out, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, told
    assert "4 beds at real-time pace" in told
    found = json.loads(out)
    assert (found["beds"], found["samples"]["devices"]) == (4, 4)
    assert found["seconds"] == pytest.approx(2.0, abs=60.0)
    assert found["samples"]["missing"] == 0
    assert (found["watched"], found["recorded"]) == (2, True)
    assert found["delay_ms"]["frame"]["count"] < found["delay_ms"]["ingest"]["count"] * LEADS
    assert set(found["delay_ms"]) == set(STAGES)
    for stage in ("ingest", "frame"):
        delay = found["delay_ms"][stage]
        assert delay["count"] > 0
        assert 0 <= delay["p50"] <= delay["p95"] <= delay["p99"]
    assert set(found["cpu"]) == set(found["memory_mb"]) == PROCESSES
    assert min(found["memory_mb"].values()) > 0
    assert isinstance(found["memory_per_bed_kib"], float)
    assert isinstance(found["lost_samples"], int)
    assert found["held"] == (not found["why_not"])


@pytest.mark.timeout(600)
def test_it_ends_and_says_so_when_a_part_dies():
    with bench("--beds", "2", "--seconds", "3000") as process:
        told = ""
        while "beds are live" not in told and "at real-time pace" not in told:
            line = process.stderr.readline()
            assert line, told
            told += line
        (hub,) = (one for one in psutil.Process(process.pid).children() if "hub" in one.cmdline())
        hub.kill()
        _, rest = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert "hub died" in rest


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--engine-only", "--detectors", "2"], "--detectors: goes with the whole system alone"),
        (["--engine-only", "--recorded"], "--watched, --recorded: go with the whole system alone"),
        (["--watched", "0"], "--watched: must be a whole number 1 .. 64, got '0'"),
        (["--watched", "65"], "--watched: must be a whole number 1 .. 64"),
        (["--beds", "0"], "--beds: must be a whole number 1 .. 10000, got '0'"),
        (["--beds", "1000000"], "--beds: must be a whole number 1 .. 10000"),
        (["--beds", "-4"], "--beds: must be a whole number"),
        (["--beds", "many"], "--beds: must be a whole number"),
        (["--seconds", "0"], "--seconds: must be 1 .. 604800 s, got '0'"),
        (["--seconds", "-1"], "--seconds: must be"),
        (["--seconds", "nan"], "--seconds: must be"),
        (["--packet-ms", "5"], "--packet-ms: must be 20 .. 1000 ms, got '5'"),
        (["--engine-only", "--find"], "--engine-only: has no --find"),
        (["--networks"], "--networks: goes with --engine-only"),
        (["--most", "5"], "--most: goes with --find"),
        (["--json", "/"], "--json: / is a folder"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(words, complaint, capsys):
    try:
        status = main(["bench", *words])
    except SystemExit as end:
        status = int(end.code)
    assert status == 2
    assert complaint in capsys.readouterr().err
