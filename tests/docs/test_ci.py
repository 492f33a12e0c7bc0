"""The public CI file runs what `.ci/run` runs: bounded in time, by pinned actions, no secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / ".github" / "workflows" / "ci.yml"
TEXT = FILE.read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_it_runs_the_one_script() -> None:
    assert (ROOT / ".ci" / "run").is_file()
    assert [step["run"] for step in STEPS if ".ci" in step.get("run", "")] == ["bash .ci/run"]


def test_it_runs_for_pushes_and_pull_requests() -> None:
    triggers = WORKFLOW[True]  # YAML 1.1 reads the key `on` as a truth value
    assert set(triggers) == {"push", "pull_request"}


def test_actions_are_pinned_by_tag() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[\w-]+@v\d+(\.\d+)*", action), action


def test_every_job_ends_and_has_no_secret() -> None:
    for job in WORKFLOW["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 120
        assert re.fullmatch(r"(debian|ubuntu):[\w.]+", job["container"])
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "secrets." not in TEXT


def test_packages_are_kept_by_what_pins_them() -> None:
    (cache,) = (step["with"] for step in STEPS if "cache" in step.get("uses", ""))
    for name in re.findall(r"'([\w.]+)'", cache["key"]):
        assert (ROOT / name).is_file(), name
