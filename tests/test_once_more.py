"""A few failed tests are run once more, many are not, and a fault stays a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.once_more import main, to_repeat
from tests.support.places import PAGES, ROOT

PAGE = f"{PAGES[0]}test_it.py"
FAILS_ONCE = """
from pathlib import Path

def test_it():
    seen = Path("seen")
    first = not seen.exists()
    seen.touch()
    assert not first
"""


@pytest.mark.parametrize(
    ("status", "failed", "repeated"),
    [
        (1, [PAGE], True),
        (1, [PAGE, "tests/core/test_wire.py::test_it"], True),
        (1, [f"{PAGE}::test_{number}" for number in range(4)], False),
        (1, [], False),
        (2, [PAGE], False),
        (5, [], False),
    ],
    ids=["a page", "two", "many", "none known", "stopped", "no tests"],
)
def test_what_is_repeated(status: int, failed: list[str], repeated: bool) -> None:
    assert to_repeat(status, failed) == (failed if repeated else [])


@pytest.mark.parametrize(
    ("source", "status"),
    [(FAILS_ONCE, 0), ("def test_it(): assert False", 1)],
    ids=["chance", "fault"],
)
def test_a_fault_fails_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    source: str,
    status: int,
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-m", "pytest", "-q"]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 1
    assert main(1, tmp_path) == status
    assert ("passed alone, look at them" in capfd.readouterr().out) == (status == 0)
