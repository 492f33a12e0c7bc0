"""Compiled code gives exactly what the same lines give as plain Python.

The plain run also lets `make coverage` count the lines of compiled functions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.analysis import analyze_stretch
from tests.support.places import ROOT


@pytest.mark.parametrize(
    "stretch",
    [
        "207:1630:20",  # ventricular flutter begins
        "203:100:12",  # atrial fibrillation with a ventricular run, in noise
        "208:60:12",  # ventricular premature beats and fusion beats
        "231:300:12",  # dropped beats, at a low rate
    ],
)
def test_plain_python_finds_the_same(mitdb, stretch):
    path = f"{mitdb}/{stretch}"
    plain = subprocess.run(
        [sys.executable, "-m", "tests.support.analysis", path],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=170,
    )
    compiled = analyze_stretch(path)
    assert len(compiled["beats"]) > 8
    assert json.loads(plain.stdout) == [compiled]
