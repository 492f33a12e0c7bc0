"""How late a machine wakes a process that sleeps."""

import json
import subprocess
import sys

from tests.support.places import ROOT
from tests.support.waiting import PATIENCE_S, allowed_s
from workbench.bench.whole.floor import summary


def test_percentiles_are_wake_ups_that_came():
    assert summary([0.001 * n for n in range(100, 0, -1)]) == {
        **{"p50": 50.0, "p95": 95.0, "p99": 99.0, "count": 100}
    }
    assert summary([0.004]) == {"p50": 4.0, "p95": 4.0, "p99": 4.0, "count": 1}
    assert summary([]) == {"p50": None, "p95": None, "p99": None, "count": 0}


def test_the_process_writes_what_it_found_when_it_is_stopped(tmp_path):
    file = tmp_path / "floor.json"
    words = [sys.executable, "-m", "workbench.bench.whole.floor", str(file)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "sleeping\n"
        process.terminate()
        assert process.wait(allowed_s(PATIENCE_S)) == 0
    found = json.loads(file.read_text())
    assert found["count"] >= 0
    assert set(found) == {"p50", "p95", "p99", "count"}
