"""Compiled code gives exactly what the same lines give as plain Python.

The plain run also lets `make coverage` count the lines of compiled functions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import kernels
from tests.support.analysis import analyze_stretch
from tests.support.places import ROOT
from tests.support.waiting import allowed_s

STRETCHES = (
    "207:1630:20",  # ventricular flutter begins
    "203:100:12",  # atrial fibrillation with a ventricular run, in noise
    "208:60:12",  # ventricular premature beats and fusion beats
    "231:300:12",  # dropped beats, at a low rate
)
ROUNDED = 1e-6
"""Part by which a figure may differ: numpy keeps sums of 32 bits at 32, compiled code does not."""


def plain(*command: str) -> Any:
    """What a command of ours prints as JSON when it runs uncompiled."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=allowed_s(400),
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def found(mitdb: Path) -> dict[str, Any]:
    """What is found uncompiled in all of `STRETCHES`, by one process."""
    paths = [f"{mitdb}/{stretch}" for stretch in STRETCHES]
    return dict(zip(STRETCHES, plain("tests.support.analysis", *paths), strict=True))


@pytest.mark.timeout(1800)  # on a machine that does ten other things
@pytest.mark.parametrize("stretch", STRETCHES)
def test_plain_python_finds_the_same(mitdb, found, stretch):
    compiled = analyze_stretch(f"{mitdb}/{stretch}")
    assert len(compiled["beats"]) > 8
    assert found[stretch] == compiled


@pytest.fixture(scope="module")
def plainly() -> dict[str, Any]:
    """What all of `kernels.CASES` give uncompiled."""
    return plain("tests.support.kernels")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", kernels.CASES)
def test_plain_functions_give_the_same(plainly, name):
    """Signals that no stretch above has: peaked T waves, holes, steps, wrong units ..."""
    leaves = figures(plainly[name])
    assert len(leaves) > 1
    assert leaves == pytest.approx(figures(kernels.outcome(name)), rel=ROUNDED, nan_ok=True)


def figures(outcome: Any) -> list[Any]:
    """All that stands in nested lists, in order, after their lengths; what is unknown is NaN."""
    if isinstance(outcome, list):
        return [len(outcome), *(leaf for one in outcome for leaf in figures(one))]
    return [float("nan") if outcome is None else outcome]
