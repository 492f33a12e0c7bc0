"""docs/OPERATION.md and the units that it installs agree with the program."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import ecg_monitor
from dashboard.web import exposition
from ecg_monitor.cli import COMMANDS
from ecg_monitor.core.settings import load
from tests.support.places import ROOT

PAGE = (ROOT / "docs" / "OPERATION.md").read_text(encoding="utf-8")
UNITS = ROOT / "deploy" / "systemd"
ANALYZE = shutil.which("systemd-analyze")


def test_the_unit_starts_a_part_with_settings_that_exist() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNITS / "ecg-monitor@.service")
    assert unit["Service"]["ExecStart"].split() == ["/opt/ecg-monitor/.venv/bin/ecg-monitor", "%i"]
    assert unit["Install"]["WantedBy"] == unit["Unit"]["PartOf"] == "ecg-monitor.target"
    assert (UNITS / "ecg-monitor.target").is_file()
    lines = (UNITS / "environment.example").read_text().splitlines()
    given = dict(line.removeprefix("# ").split("=", 1) for line in lines if "ECG_" in line)
    given |= dict(one.split("=") for one in unit["Service"]["Environment"].split())
    text = (UNITS / "ecg-monitor@.service").read_text()
    files = re.findall(r"^EnvironmentFile=-?(\S+)$", text, re.MULTILINE)
    assert len(files) == 2
    assert all(file.replace("%i", "$part") in PAGE for file in files)
    load({name: value for name, value in given.items() if not name.endswith("_FILE")})


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd: units NOT verified"
)
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    service = (UNITS / "ecg-monitor@.service").read_text()
    (tmp_path / "ecg-monitor@.service").write_text(
        re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", service)
    )
    shutil.copy(UNITS / "ecg-monitor.target", tmp_path)
    done = subprocess.run(
        [
            str(ANALYZE),
            "verify",
            "--man=no",
            "ecg-monitor@ingest.service",
            "ecg-monitor.target",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ecg-monitor" not in done.stderr, done.stderr


def test_the_page_enables_the_parts_that_containers_run() -> None:
    (names,) = re.findall(r"ecg-monitor@\{([a-z,]+)\}", PAGE)
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    always = {name: one for name, one in services.items() if not one.get("profiles")}
    parts = {name for name, one in always.items() if one["image"] == "ecg-monitor"}
    assert set(names.split(",")) == parts <= set(COMMANDS)


def test_every_figure_that_is_named_exists() -> None:
    source = (ROOT / "dashboard/web/exposition.py").read_text()
    words = set(re.findall(r'"(?:ecg_)?([a-z_]+)"', source))
    there = {f"ecg_{word}{end}" for word in words for end in ("", "_total", "_bucket")}
    there |= {f"ecg_redis_{name}" for name, *_ in exposition._REDIS_GAUGES}
    named = set(re.findall(r"\becg_[a-z_]+", PAGE)) - {"ecg_monitor_token"}
    assert len(named) > 5
    assert named <= there


def test_it_is_cited_by_the_version_that_runs() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == ecg_monitor.__version__
    assert {"title", "authors", "license", "cff-version"} <= set(cited)
