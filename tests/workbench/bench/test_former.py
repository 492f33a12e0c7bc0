"""The cost of former states of the code beside the present one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.places import shared
from workbench.bench import former
from workbench.bench.former import NOW, FormerError, by_turns, compared, lay_out
from workbench.results import figures

GIT = shutil.which("git") or "git"
BENCH = """
import json, sys
beds = sys.argv[sys.argv.index("--beds") + 1]
print(json.dumps({"engine": {beds: {"us_per_bed_second": COST}}}))
"""


def git(repository: Path, *words: str) -> str:
    who = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    run = subprocess.run(
        [GIT, *who, *words], cwd=repository, check=True, capture_output=True, text=True
    )
    return run.stdout.strip()


@pytest.fixture
def repository(tmp_path) -> Path:
    """A program of three states: without a bench, with one, and with one that costs more."""
    root = tmp_path / "repository"
    package = root / "ecg_monitor"
    package.mkdir(parents=True)
    git(root, "init", "--quiet")
    (package / "__init__.py").write_text("")
    for name, text in (
        ("none", "print('no bench')\n"),
        ("cheap", BENCH.replace("COST", "100")),
        ("dear", BENCH.replace("COST", "104.0")),
    ):
        (package / "cli.py").write_text(text)
        git(root, "add", "ecg_monitor")
        git(root, "commit", "--quiet", "-m", name)
        git(root, "tag", name)
    return root


def test_states_are_measured_by_turns_and_held_against_one_another(repository, tmp_path):
    kept = tmp_path / "kept"
    cheap = lay_out("cheap", kept, repository)
    assert cheap.name == git(repository, "rev-parse", "--short=9", "cheap")
    assert lay_out("cheap", kept, repository) == cheap
    costs = by_turns({"cheap": cheap, NOW: repository}, tmp_path, turns=2, beds=7, seconds=1.0)
    assert costs == {"cheap": [100.0, 100.0], NOW: [104.0, 104.0]}
    found = compared(costs | {"cheap": [120.0, 100.0]}, {"cheap": "2026-11-29", NOW: "2026-11-30"})
    assert found["table"]["rows"] == [
        ["cheap", "2026-11-29", "100", "+0.0 %", "+4.0 %"],
        [NOW, "2026-11-30", "104", "+4.0 %", "+0.0 %"],
    ]
    assert found["states"][0]["turns"] == [120.0, 100.0]
    assert found["states"][1]["step"] == pytest.approx(0.04)


def test_a_state_that_cannot_be_measured_is_named(repository, tmp_path):
    with pytest.raises(FormerError, match="git rev-parse: fatal"):
        lay_out("nowhere", tmp_path, repository)
    none = lay_out("none", tmp_path, repository)
    with pytest.raises(FormerError, match=f"{none.name}: its bench gave no figures"):
        former.bench(none, tmp_path, 1, 1.0)


def test_the_bench_of_this_checkout_gives_a_cost():
    assert former.bench(figures.ROOT, shared("data") / "mitdb", 1, 1.0) > 0
